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

    func run(in arena: Arena, _ indexTables: [[Int32]], on pool: ThreadPool) {
        pool.forEachRun(ofRows: shape.rows, cost: shape.columns) { rows in
            var job = mae_layer_norm(
                input: arena.row(rows.lowerBound, of: input), input_stride: arena.stride(input),
                output: arena.row(rows.lowerBound, of: output), output_stride: arena.stride(output),
                rows: rows.count, columns: shape.columns, scale: norm.scale, shift: norm.shift, epsilon: epsilon)
            layerNorm(&job)
        }
    }
}

/// Mean over the tokens of each image.
struct MeanStep: Step {
    let tokens: BufferID
    let images: Int
    let shape: MatrixShape
    let output: BufferID
    let means: @convention(c) (UnsafePointer<Float>, Int, Int, Int, UnsafeMutablePointer<Float>) -> Void

    func run(in arena: Arena, _ indexTables: [[Int32]], on pool: ThreadPool) {
        let rows = shape.rows / images
        pool.forEach(images) { image, _ in
            means(
                arena.row(image * rows, of: tokens), arena.stride(tokens), rows, shape.columns,
                arena.row(image, of: output))
        }
    }
}

/// Copies the rows of each image that follow its first ones.
struct DropTokensStep: Step {
    let tokens: BufferID
    let tokenCount: Int, count: Int, images: Int, width: Int
    let output: BufferID

    func run(in arena: Arena, _ indexTables: [[Int32]], on pool: ThreadPool) {
        let rest = tokenCount - count
        pool.forEach(images) { image, _ in
            for row in 0..<rest {
                arena.row(image * rest + row, of: output)
                    .update(from: arena.row(image * tokenCount + count + row, of: tokens), count: width)
            }
        }
    }
}
