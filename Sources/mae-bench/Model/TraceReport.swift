/// What `mae-bench model --trace` prints: where the time of a pass goes, and how far each step is from what bounds it.
///
/// Other programs read the fields of `--json`: more may come, none is renamed.
struct TraceReport: Encodable {
    /// Steps that do the same with other weights, such as those of all layers.
    struct Step: Encodable {
        let name: String
        /// How many there are in a pass.
        let count: Int
        /// Of all of them in a pass: sums of each one's minimum and of each one's median over the passes.
        let min_seconds: Double
        let median_seconds: Double
        /// Of the time of the pass, by the minima.
        let share_of_pass: Double
        /// Of all of them: floating-point operations of products, and bytes that are touched once at least.
        let operations: Double
        let bytes: Double
        /// At the minimum; nil where there are no products.
        let gflops: Double?
        let share_of_peak: Double?
        /// At the minimum.
        let gigabytes_per_second: Double
        /// `arithmetic` or `memory`: what takes longer at its peak, the operations or the bytes.
        let bound: String
        /// The time at that peak, of the minimum.
        let share_of_bound: Double
    }

    let preset: String
    let batch_size: Int
    let mask_ratio: Double
    let isa: String
    let threads: Int
    let device: String
    let passes: Int
    let peak_fma_gflops: Double
    let memory_gigabytes_per_second: Double
    /// Sum of the steps' minima.
    let pass_seconds: Double
    let steps: [Step]

    /// Puts steps of one name together, in the order in which they come first.
    static func steps(
        _ works: [OperationWork], _ spreads: [Spread], peak: Double, memory: Double
    ) -> (steps: [Step], pass: Double) {
        let pass = spreads.reduce(0) { $0 + $1.min }
        var order: [String] = []
        var places: [String: [Int]] = [:]
        for (place, work) in works.enumerated() {
            if places[work.name] == nil { order.append(work.name) }
            places[work.name, default: []].append(place)
        }
        let steps = order.map { name in
            let some = places[name] ?? []
            let seconds = some.reduce(0) { $0 + spreads[$1].min }
            let operations = some.reduce(0) { $0 + works[$1].operations }
            let bytes = some.reduce(0) { $0 + works[$1].bytes }
            let arithmetic = operations / peak / 1e9, moving = bytes / memory
            let gflops = operations > 0 ? operations / seconds / 1e9 : nil
            return Step(
                name: name, count: some.count, min_seconds: seconds,
                median_seconds: some.reduce(0) { $0 + spreads[$1].median }, share_of_pass: seconds / pass,
                operations: operations, bytes: bytes, gflops: gflops, share_of_peak: gflops.map { $0 / peak },
                gigabytes_per_second: bytes / seconds / 1e9, bound: arithmetic >= moving ? "arithmetic" : "memory",
                share_of_bound: max(arithmetic, moving) / seconds)
        }
        return (steps, pass)
    }

    /// The report as a person reads it.
    var text: String {
        let width = max(24, (steps.map(\.name.count).max() ?? 0) + 2)
        var lines = [
            "\(preset), batch \(batch_size), mask ratio \(mask_ratio), \(isa), \(threads) thread\(threads == 1 ? "" : "s"), "
                + device,
            "\("step".left(width))\("×".right(4))\("min ms".right(10))\("of pass".right(10))\("GFLOP/s".right(9))"
                + "\("of peak".right(10))\("GB/s".right(8))  bound by, and how close",
        ]
        for step in steps {
            lines.append(
                step.name.left(width) + "\(step.count)".right(4)
                    + step.min_seconds.formatted(decimals: 3, times: 1e3).right(10)
                    + (step.share_of_pass.formatted(decimals: 1, times: 100) + " %").right(10)
                    + (step.gflops.map { $0.formatted(decimals: 0) } ?? "").right(9)
                    + (step.share_of_peak.map { $0.formatted(decimals: 1, times: 100) + " %" } ?? "").right(10)
                    + step.gigabytes_per_second.formatted(decimals: 1).right(8)
                    + "  \(step.bound) \(step.share_of_bound.formatted(decimals: 0, times: 100)) %")
        }
        let operations = steps.reduce(0) { $0 + $1.operations }
        let gflops = operations / pass_seconds / 1e9
        lines.append(
            "pass".left(width) + "".right(4) + pass_seconds.formatted(decimals: 3, times: 1e3).right(10)
                + "100.0 %".right(10) + gflops.formatted(decimals: 0).right(9)
                + ((gflops / peak_fma_gflops).formatted(decimals: 1, times: 100) + " %").right(10))
        lines.append(
            "peaks: \(peak_fma_gflops.formatted(decimals: 0)) GFLOP/s of fused multiply-adds, "
                + "\(memory_gigabytes_per_second.formatted(decimals: 1)) GB/s read from memory; times are the shortest of "
                + "\(passes) passes, step by step. What lies in a cache is read faster than memory: then a share is above 100 %."
        )
        return lines.joined(separator: "\n")
    }
}
