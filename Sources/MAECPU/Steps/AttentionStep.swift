import CMAEKernels
import MAECompute

/// Scaled dot-product attention; each head of each image is one thread's work.
struct AttentionStep: Step {
    let qkv: BufferID
    let images: Int, heads: Int
    let scale: Float
    let output: BufferID
    let shape: MatrixShape
    let kernels: MatrixKernels

    private var tokens: Int { shape.rows / images }
    private var width: Int { shape.columns / heads }

    var scratchCount: Int { kernels.functions.attention_scratch(tokens, width) }

    func run(in arena: Arena, _ indexTables: [[Int32]], on pool: ThreadPool) {
        let hidden = shape.columns
        pool.forEach(images * heads) { item, worker in
            let firstRow = item / heads * tokens
            let column = item % heads * width
            let queries = UnsafePointer(arena[qkv] + firstRow * 3 * hidden + column)
            var head = mae_attention_head(
                queries: queries, keys: queries + hidden, values: queries + 2 * hidden, stride: 3 * hidden,
                tokens: tokens, width: width, scale: scale, output: arena[output] + firstRow * hidden + column,
                output_stride: hidden, scratch: arena.scratch(of: worker))
            kernels.functions.attention(&head)
        }
    }
}
