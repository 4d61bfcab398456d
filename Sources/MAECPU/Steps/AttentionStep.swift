import CMAEKernels
import MAECompute

/// Scaled dot-product attention; some heads of one image are one thread's work.
struct AttentionStep: Step {
    let qkv: BufferID
    let images: Int, heads: Int
    let scale: Float
    let output: BufferID
    let shape: MatrixShape
    let kernels: MatrixKernels
    /// Parts that the heads of each image are cut into.
    ///
    /// Heads that one thread works on in a row fetch the next one's rows in time; enough parts keep all threads busy.
    private let parts: Int

    init(
        qkv: BufferID, images: Int, heads: Int, scale: Float, output: BufferID, shape: MatrixShape,
        kernels: MatrixKernels, threadCount: Int
    ) {
        self.qkv = qkv
        self.images = images
        self.heads = heads
        self.scale = scale
        self.output = output
        self.shape = shape
        self.kernels = kernels
        let wanted = threadCount == 1 ? 1 : 6 * threadCount
        parts = min(heads, wanted.dividedRoundingUp(by: max(images, 1)))
    }

    private var tokens: Int { shape.rows / images }
    private var width: Int { shape.columns / heads }

    var scratchCount: Int { kernels.functions.attention_scratch(tokens, width) }

    var itemCount: Int { images * parts }

    /// The heads of an item.
    private func heads(of item: Int) -> Range<Int> {
        let part = item % parts
        return part * heads / parts..<(part + 1) * heads / parts
    }

    func region(of item: Int) -> MatrixRegion {
        let heads = heads(of: item)
        return MatrixRegion(
            rows: item / parts * tokens..<(item / parts + 1) * tokens,
            columns: heads.lowerBound * width..<heads.upperBound * width)
    }

    func run(item: Int, worker: Int, in arena: Arena, _ indexTables: [[Int32]]) {
        let hidden = shape.columns
        let firstRow = item / parts * tokens
        let some = heads(of: item)
        let column = some.lowerBound * width
        let queries = UnsafePointer(arena.row(firstRow, of: qkv) + column)
        var job = mae_attention(
            queries: queries, keys: queries + hidden, values: queries + 2 * hidden, stride: arena.stride(qkv),
            tokens: tokens, heads: some.count, width: width, scale: scale,
            output: arena.row(firstRow, of: output) + column, output_stride: arena.stride(output),
            scratch: arena.scratch(of: worker))
        kernels.functions.attention(&job)
    }
}
