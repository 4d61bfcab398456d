import MAEFormats
import MAETensor

/// How much of outputs may be read in one explanation, all files together, as fp32.
struct OutputBudget {
    /// 4 GiB: outputs of ViT-MAE base for 1024 images take 0.6 GiB with all tokens and nothing masked.
    static let byteCount = 1 << 32

    private var left = byteCount

    /// Takes what a `.npy` file of `size` bytes needs, whatever its head announces; `bytes` are its first ones.
    mutating func take(npy bytes: UnsafeRawBufferPointer, size: Int, of path: String) throws(CheckpointError) {
        // No element has more than 8 bytes.
        try take(max(Tensor.npyElementCount(bytes) ?? 0, size / MemoryLayout<Double>.stride), of: path)
    }

    /// Takes what an array of `count` elements needs.
    ///
    /// - Throws: ``CheckpointError/Code/overBudget`` when the outputs together need more.
    mutating func take(_ count: Int, of path: String) throws(CheckpointError) {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
        guard !overflow, bytes <= left else {
            let needed = Double(Self.byteCount - left) + Double(count) * Double(MemoryLayout<Float>.stride)
            throw CheckpointError(
                .overBudget, path: path,
                "brings the outputs to \(Int((needed / 1e6).rounded(.up))) MB as float32, and at most "
                    + "\(Self.byteCount / 1_000_000) MB are read. Give fewer files, name one output (FILE#KEY), or save fewer "
                    + "images, such as output[:8].")
        }
        left -= bytes
    }
}
