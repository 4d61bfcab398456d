import MAECompute

/// Encoder input: CLS and kept patches, each plus its position.
struct AssembleTokensStep: Step, @unchecked Sendable {
    // Sendable: parameters are constant, and threads write disjoint rows.

    let patches: BufferID
    let kept: IndexTableID
    let token: UnsafeBufferPointer<Float>
    let positions: UnsafeBufferPointer<Float>
    let images: Int
    let output: BufferID
    let shape: MatrixShape

    private var runs: RowRuns { RowRuns(rows: shape.rows, cost: shape.columns) }

    var itemCount: Int { runs.count }

    func region(of item: Int) -> MatrixRegion { MatrixRegion(rows: runs[item], columns: 0..<shape.columns) }

    func run(item: Int, worker: Int, in arena: Arena, _ indexTables: [[Int32]]) {
        let tokens = shape.rows / images
        let width = shape.columns
        for row in runs[item] {
            let image = row / tokens
            let slot = row % tokens - 1
            let target = UnsafeMutableBufferPointer(start: arena.row(row, of: output), count: width)
            if slot < 0 {
                target.setToSum(token, positions.row(0, width: width))
            } else {
                let patch = image * (tokens - 1) + slot
                target.setToSum(
                    UnsafeBufferPointer(start: arena.row(patch, of: patches), count: width),
                    positions.row(1 + Int(indexTables[kept.index][patch]), width: width))
            }
        }
    }
}

/// Decoder input: tokens in their places, mask tokens in all others, each plus its position.
struct RestoreTokensStep: Step, @unchecked Sendable {
    // Sendable: parameters are constant, and threads write disjoint rows.

    let tokens: BufferID
    let tokenCount: Int
    let slots: IndexTableID
    let maskToken: UnsafeBufferPointer<Float>
    let positions: UnsafeBufferPointer<Float>
    let images: Int
    let output: BufferID
    let shape: MatrixShape

    private var runs: RowRuns { RowRuns(rows: shape.rows, cost: shape.columns) }

    var itemCount: Int { runs.count }

    func region(of item: Int) -> MatrixRegion { MatrixRegion(rows: runs[item], columns: 0..<shape.columns) }

    func run(item: Int, worker: Int, in arena: Arena, _ indexTables: [[Int32]]) {
        let rowsOfImage = shape.rows / images
        let width = shape.columns
        for row in runs[item] {
            let image = row / rowsOfImage
            let position = row % rowsOfImage
            // CLS lies in row 0 of its image, the kept patch with slot s in row 1 + s.
            let entry = image * (rowsOfImage - 1) + position - 1
            let slot = position == 0 ? -1 : Int(indexTables[slots.index][entry])
            let isMasked = position > 0 && slot < 0
            let source = arena.row(image * tokenCount + 1 + slot, of: tokens)
            let token = isMasked ? maskToken : UnsafeBufferPointer(start: source, count: width)
            UnsafeMutableBufferPointer(start: arena.row(row, of: output), count: width)
                .setToSum(token, positions.row(position, width: width))
        }
    }
}

extension UnsafeBufferPointer<Float> {
    /// One row of a matrix of rows of `width` elements.
    fileprivate func row(_ index: Int, width: Int) -> Self {
        Self(rebasing: self[index * width..<(index + 1) * width])
    }
}

extension UnsafeMutableBufferPointer<Float> {
    /// Fills the buffer with `left + right`, element by element.
    fileprivate func setToSum(_ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>) {
        for index in indices { self[index] = left[index] + right[index] }
    }
}
