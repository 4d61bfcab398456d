import CMAEKernels
import MAECompute

/// Layer norm, row by row.
struct LayerNormStep: Step, @unchecked Sendable {
    // Sendable: parameters are constant, and threads write disjoint rows.

    let input: BufferID
    let shape: MatrixShape
    let norm: (scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, width: Int)
    let epsilon: Float
    let output: BufferID
    let layerNorm: @convention(c) (UnsafePointer<mae_layer_norm>) -> Void

    private var runs: RowRuns { RowRuns(rows: shape.rows, cost: shape.columns) }

    var itemCount: Int { runs.count }

    func region(of item: Int) -> MatrixRegion { MatrixRegion(rows: runs[item], columns: 0..<shape.columns) }

    func run(item: Int, worker: Int, in arena: Arena, _ indexTables: [[Int32]]) {
        let rows = runs[item]
        var job = mae_layer_norm(
            input: arena.row(rows.lowerBound, of: input), input_stride: arena.stride(input),
            output: arena.row(rows.lowerBound, of: output), output_stride: arena.stride(output),
            rows: rows.count, columns: shape.columns, scale: norm.scale, shift: norm.shift, epsilon: epsilon)
        layerNorm(&job)
    }
}

/// Mean over the tokens of each image.
struct MeanStep: Step {
    let tokens: BufferID
    let images: Int
    let shape: MatrixShape
    let output: BufferID
    let means: @convention(c) (UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>) -> Void

    var itemCount: Int { images }

    func region(of image: Int) -> MatrixRegion { MatrixRegion(rows: image..<image + 1, columns: 0..<shape.columns) }

    func run(item image: Int, worker: Int, in arena: Arena, _ indexTables: [[Int32]]) {
        let rows = shape.rows / images
        means(
            arena.row(image * rows, of: tokens), arena.stride(tokens), rows, shape.columns,
            arena.row(image, of: output))
    }
}

/// Copies the rows of each image that follow its first ones.
struct DropTokensStep: Step {
    let tokens: BufferID
    let tokenCount: Int, count: Int, images: Int, width: Int
    let output: BufferID

    private var rest: Int { tokenCount - count }

    var itemCount: Int { images }

    func region(of image: Int) -> MatrixRegion {
        MatrixRegion(rows: image * rest..<(image + 1) * rest, columns: 0..<width)
    }

    func run(item image: Int, worker: Int, in arena: Arena, _ indexTables: [[Int32]]) {
        for row in 0..<rest {
            arena.row(image * rest + row, of: output)
                .update(from: arena.row(image * tokenCount + count + row, of: tokens), count: width)
        }
    }
}
