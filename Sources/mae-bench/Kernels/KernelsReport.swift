/// What `mae-bench kernels --json` prints; rates in GFLOP/s at the best time.
struct KernelsReport: Encodable {
    /// One kernel at one product.
    struct Entry: Encodable {
        let isa: String
        let kernel: String
        /// Whether it is what the engine takes on this machine.
        let is_picked: Bool
        let product: String
        let gflops: Double
        /// Measured right before and after the kernels of this product.
        let peak_fma_gflops: Double
        let share_of_peak: Double

        /// The entry as a line of the table.
        var text: String {
            "\((kernel + (is_picked ? " *" : "")).left(18))\(product.left(46))"
                + "\(gflops.formatted(decimals: 1).right(8))"
                + "\(peak_fma_gflops.formatted(decimals: 1).right(8))"
                + "\(share_of_peak.formatted(decimals: 1, times: 100).right(7)) %"
        }

        /// The line above the entries.
        static var heading: String {
            "\("kernel".left(18))\("product".left(46))\("GFLOP/s".right(8))\("peak".right(8))\("share".right(9))"
        }
    }

    let device: String
    let threads: Int
    let batch_size: Int
    let mask_ratio: Double
    let kernels: [Entry]
    let targets: [JudgedTarget]
}
