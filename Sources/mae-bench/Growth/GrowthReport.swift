/// What `mae-bench growth --json` prints: time and memory of the encoder as one extent grows and all else stays.
///
/// Other programs read these fields: more may come, none is renamed.
struct GrowthReport: Encodable {
    /// One size.
    struct Point: Encodable {
        /// What was given: `batch 8`, `large`, `2 threads`.
        let name: String
        /// What is held against the time: images, parameters or threads.
        let amount: Double
        /// Of a pass.
        let seconds: Spread
        /// The most memory that a process held which measures that size alone; nil where threads are simulated.
        let peak_mebibytes: Double?
        let share_of_peak: Double
    }

    /// One extent that grows.
    struct Series: Encodable {
        let name: String
        let points: [Point]
        /// The power with which the least time grows; nil of fewer than two points.
        let time: PowerFit?
        /// The same of the memory.
        let memory: PowerFit?
        /// Whether the times are computed from those of a pass's pieces on one thread, and not measured.
        let is_simulated: Bool

        init(_ name: String, _ points: [Point], isSimulated: Bool = false) {
            (self.name, self.points, is_simulated) = (name, points, isSimulated)
            time = PowerFit(points.map { ($0.amount, $0.seconds.min) })
            memory = PowerFit(points.compactMap { point in point.peak_mebibytes.map { (point.amount, $0) } })
        }

        /// The least times by the same amounts of another series, in its times: how far a simulation is off.
        func ratios(to measured: Series) -> [(name: String, ratio: Double)] {
            points.compactMap { point in
                measured.points.first { $0.amount == point.amount }.map {
                    (point.name, point.seconds.min / $0.seconds.min)
                }
            }
        }
    }

    let mask_ratio: Double
    let isa: String
    let threads: Int
    let device: String
    let series: [Series]

    /// The report as a person reads it.
    var text: String {
        var lines = [
            "encoder, mask ratio \(mask_ratio), \(isa), \(threads) thread\(threads == 1 ? "" : "s"), \(device)"
        ]
        for series in series {
            let columns = ["min ms", "median ms", "max ms"].map { $0.right(11) }.joined()
            lines.append("\n\(series.name.left(16))\(columns)\("MiB".right(8))\("of peak".right(10))")
            for point in series.points {
                lines.append(
                    point.name.left(16) + point.seconds.columns(width: 11, decimals: 2, times: 1e3)
                        + (point.peak_mebibytes?.formatted(decimals: 0) ?? "").right(8)
                        + (point.share_of_peak.formatted(decimals: 1, times: 100) + " %").right(10))
            }
            if let time = series.time {
                // A line goes through two points whatever they are.
                let fit =
                    series.points.count > 2 ? " (within a factor of \(time.worst_factor.formatted(decimals: 2)))" : ""
                let memory = series.memory.map { ", memory with \($0.exponent.formatted(decimals: 2))" } ?? ""
                lines.append("time grows with the power \(time.exponent.formatted(decimals: 2))\(fit)\(memory)")
            }
            if series.is_simulated { lines.append(simulationWords(series)) }
        }
        return lines.joined(separator: "\n")
    }

    /// What a simulation is made of, and how it compares where there are processors.
    private func simulationWords(_ series: Series) -> String {
        let measured = self.series.first { !$0.is_simulated && series.name.hasPrefix($0.name) }
        let ratios = measured.map(series.ratios) ?? []
        let check = ratios.map { "\($0.ratio.formatted(decimals: 2)) of the measured time on \($0.name)" }
        return
            "simulated: the pieces of passes of one thread, cut up as for so many, dealt out as the threads take them; waking, shared "
            + "memory and falling clocks are not in it\(check.isEmpty ? "" : ". It gives " + check.joined(separator: ", "))"
    }

    /// The times on logarithmic axes.
    var drawing: String {
        LogPlot(
            title: "images, millions of parameters, or threads", unit: "ms",
            lines: series.map { series in
                LogPlot.Line(
                    name: series.name,
                    points: series.points.map { point in
                        (point.amount > 1e6 ? point.amount / 1e6 : point.amount, point.seconds.min * 1e3)
                    }, isHollow: series.is_simulated)
            }
        ).svg
    }
}
