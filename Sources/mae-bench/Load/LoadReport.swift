import MAEDomain

/// What `mae-bench load --json` prints; times in seconds, memory in MiB.
struct LoadReport: Encodable {
    /// One loading method.
    struct Method: Encodable {
        let method: String
        /// By the name of the stage.
        let stage_seconds: [String: Spread]
        let peak_memory_mib: Spread
        /// The whole of `mae-coord infer`, from the start of the process to its end, files written.
        let infer_seconds: Spread
        let infer_peak_memory_mib: Spread

        /// The spreads of several loads.
        init(_ method: String, records: [LoadRecord], infers: [ChildProcess]) {
            self.method = method
            stage_seconds = Dictionary(
                uniqueKeysWithValues: LoadRecord.stages.map { stage in
                    (stage.name, Spread(records.map(stage.seconds)))
                })
            peak_memory_mib = Spread(records.map(\.peak_memory_mib))
            infer_seconds = Spread(infers.map(\.seconds))
            infer_peak_memory_mib = Spread(infers.map(\.peakMemory))
        }
    }

    let model: String
    let batch_size: Int
    let mask_ratio: Double
    let isa: String
    let threads: Int
    let device: String
    let weights_sha256: String
    let layernorm_sha256: String
    let methods: [Method]
    /// From the start to the first result, by method, in the time of an earlier build; left out where none was named.
    let start_ratio_to_before: [String: Double]?
    let targets: [JudgedTarget]

    /// What has a target: base from seeded weights, batch 1 for the start.
    static func judged(
        _ methods: [Method], isBase: Bool, batchSize: Int, startRatios: [String: Double]?
    ) -> [JudgedTarget] {
        guard isBase else { return [] }
        var judged: [JudgedTarget] = []
        if batchSize == 1, let startRatios {
            judged += methods.compactMap { method in
                startRatios[method.method].map { JudgedTarget(.start, $0, method.method) }
            }
        }
        if let hub = methods.first(where: { $0.method == LoadingMethod.Kind.pretrained.rawValue }) {
            for pickled in methods where pickled.method != hub.method {
                judged.append(
                    JudgedTarget(
                        .pickled, pickled.infer_seconds.min / hub.infer_seconds.min,
                        "\(pickled.method), mae-coord infer"))
            }
        }
        return judged
    }

    /// The report as a person reads it.
    var text: String {
        let heading = ["min", "median", "max"].map { $0.right(9) }.joined()
        var lines = [
            "\(model), batch \(batch_size), mask ratio \(mask_ratio), \(isa), \(threads) "
                + "thread\(threads == 1 ? "" : "s"), \(device)",
            "Each load in a process of its own; files are in the page cache. Milliseconds, and MiB of peak memory.",
        ]
        for method in methods {
            lines.append("\n\(method.method.left(24))\(heading)")
            for stage in LoadRecord.stages {
                guard let spread = method.stage_seconds[stage.name] else { continue }
                let name = stage.name.split(separator: "_").joined(separator: " ")
                lines.append("  \(name.left(22))\(spread.columns(decimals: 1, times: 1e3))")
            }
            lines += [
                "  \("peak memory".left(22))\(method.peak_memory_mib.columns(decimals: 1))",
                "  \("mae-coord infer".left(22))\(method.infer_seconds.columns(decimals: 1, times: 1e3))",
                "  \("  peak memory".left(22))\(method.infer_peak_memory_mib.columns(decimals: 1))",
            ]
        }
        lines += targets.isEmpty ? [] : [targets.table]
        return lines.joined(separator: "\n")
    }
}
