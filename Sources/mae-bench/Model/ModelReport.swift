import MAECheckpoint

/// What `mae-bench model --json` prints; times in seconds, rates in GFLOP/s at the best time.
///
/// Other programs read these fields: more may come, none is renamed.
struct ModelReport: Encodable {
    let preset: String
    let batch_size: Int
    let mask_ratio: Double
    let isa: String
    let threads: Int
    let device: String
    let encoder_seconds: Spread
    /// The encoder with digests after each layer, as a worker runs it.
    let encoder_with_digests_seconds: Spread
    let full_seconds: Spread?
    let peak_fma_gflops: Double
    let encoder_gflops: Double
    let encoder_share_of_peak: Double
    let full_gflops: Double?
    let full_share_of_peak: Double?
    let targets: [JudgedTarget]

    /// The target of the encoder's share of the peak; nil for other models and batches than it is meant for.
    static func target(preset: ViTMAEConfiguration.Preset, batchSize: Int, maskRatio: Double) -> Target? {
        switch (preset, batchSize, maskRatio) {
        case (.base, 8, 0): .encoder
        case (.base, 8, 0.75): .maskedEncoder
        case (.base, 1, 0.75): .smallEncoder
        default: nil
        }
    }

    /// The report as a person reads it.
    var text: String {
        var lines = [
            "\(preset), batch \(batch_size), mask ratio \(mask_ratio), \(isa), \(threads) "
                + "thread\(threads == 1 ? "" : "s"), \(device)",
            "\("".left(9))\(["min ms", "median ms", "max ms"].map { $0.right(11) }.joined())  GFLOP/s  of peak",
            line("encoder", encoder_seconds, encoder_gflops, encoder_share_of_peak),
        ]
        let digests = encoder_with_digests_seconds
        lines.append(
            "\("digests".left(9))\(digests.columns(width: 11, decimals: 2, times: 1e3))  "
                + "\((digests.min / encoder_seconds.min).formatted(decimals: 3)) of the encoder without, at the best times"
        )
        if let full_seconds, let full_gflops, let full_share_of_peak {
            lines.append(line("model", full_seconds, full_gflops, full_share_of_peak))
        }
        lines.append(
            "peak of fused multiply-adds, the best before and after: \(peak_fma_gflops.formatted(decimals: 0)) GFLOP/s")
        lines += targets.isEmpty ? [] : [targets.table]
        return lines.joined(separator: "\n")
    }

    private func line(_ name: String, _ seconds: Spread, _ gflops: Double, _ share: Double) -> String {
        "\(name.left(9))\(seconds.columns(width: 11, decimals: 2, times: 1e3))\(gflops.formatted(decimals: 0).right(9))"
            + "\(share.formatted(decimals: 1, times: 100).right(7)) %"
    }
}
