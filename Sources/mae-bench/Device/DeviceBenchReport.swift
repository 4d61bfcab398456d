/// What `mae-bench device --json` prints; rates in GFLOP/s at the best time.
struct DeviceBenchReport: Encodable {
    /// One product.
    struct Entry: Encodable {
        let product: String
        let gflops: Double
        /// Measured right before and after this product.
        let peak_fma_gflops: Double
        let share_of_peak: Double

        /// The entry as a line of the table.
        var text: String {
            "\(product.left(46))\(gflops.formatted(decimals: 2).right(10))"
                + "\(peak_fma_gflops.formatted(decimals: 2).right(10))"
                + "\(share_of_peak.formatted(decimals: 1, times: 100).right(7)) %"
        }

        /// The line above the entries.
        static var heading: String {
            "\("product".left(46))\("GFLOP/s".right(10))\("peak".right(10))\("share".right(9))"
        }
    }

    let device: String
    /// The form of fused multiply-adds.
    let isa: String
    let numeric_class: String
    /// The tile of linear layers.
    let tile: String
    let batch_size: Int
    let mask_ratio: Double
    let products: [Entry]
}
