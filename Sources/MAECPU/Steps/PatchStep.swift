import MAECompute

/// Cuts the kept patches out of images.
struct PatchStep: Step {
    let images: BufferID
    let imageCount: Int
    let kept: IndexTableID
    let keptCount: Int
    let geometry: PatchGeometry
    let output: BufferID

    private var runs: RowRuns { RowRuns(rows: imageCount * keptCount, cost: geometry.patchPixels) }

    var itemCount: Int { runs.count }

    func region(of item: Int) -> MatrixRegion { MatrixRegion(rows: runs[item], columns: 0..<geometry.patchPixels) }

    func run(item: Int, worker: Int, in arena: Arena, _ indexTables: [[Int32]]) {
        let line = geometry.patchWidth
        for row in runs[item] {
            let patch = Int(indexTables[kept.index][row])
            let top = patch / geometry.gridWidth * geometry.patchHeight
            let left = patch % geometry.gridWidth * line
            var source = arena.row(row / keptCount, of: images) + top * geometry.imageWidth + left
            var target = arena.row(row, of: output)
            for _ in 0..<geometry.channels {
                for y in 0..<geometry.patchHeight {
                    target.update(from: source + y * geometry.imageWidth, count: line)
                    target += line
                }
                source += geometry.imageHeight * geometry.imageWidth
            }
        }
    }
}
