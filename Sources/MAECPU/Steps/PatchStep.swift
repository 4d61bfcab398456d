import MAECompute

/// Cuts the kept patches out of images.
struct PatchStep: Step {
    let images: BufferID
    let imageCount: Int
    let kept: IndexTableID
    let geometry: PatchGeometry
    let output: BufferID

    func run(in arena: Arena, _ indexTables: [[Int32]], on pool: ThreadPool) {
        let table = indexTables[kept.index]
        guard imageCount > 0 else { return }
        let keptCount = table.count / imageCount
        let line = geometry.patchWidth
        pool.forEachRun(ofRows: table.count, cost: geometry.patchPixels) { rows in
            for row in rows {
                let patch = Int(table[row])
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
}
