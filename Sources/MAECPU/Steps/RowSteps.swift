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
            let place = rows.lowerBound * shape.columns
            var job = mae_layer_norm(
                input: arena[input] + place, output: arena[output] + place, rows: rows.count, columns: shape.columns,
                scale: norm.scale, shift: norm.shift, epsilon: epsilon)
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
                arena[tokens] + image * rows * shape.columns, shape.columns, rows, shape.columns,
                arena[output] + image * shape.columns)
        }
    }
}

/// Copies the rows of each image that follow its first ones.
struct DropTokensStep: Step {
    let tokens: BufferID
    let tokenCount: Int, count: Int, images: Int, width: Int
    let output: BufferID

    func run(in arena: Arena, _ indexTables: [[Int32]], on pool: ThreadPool) {
        let rest = (tokenCount - count) * width
        pool.forEach(images) { image, _ in
            (arena[output] + image * rest)
                .update(from: arena[tokens] + (image * tokenCount + count) * width, count: rest)
        }
    }
}
