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
        /// The most memory that a process held which measures that size alone.
        let peak_mebibytes: Double
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

        init(_ name: String, _ points: [Point]) {
            (self.name, self.points) = (name, points)
            time = PowerFit(points.map { ($0.amount, $0.seconds.min) })
            memory = PowerFit(points.map { ($0.amount, $0.peak_mebibytes) })
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
                        + point.peak_mebibytes.formatted(decimals: 0).right(8)
                        + (point.share_of_peak.formatted(decimals: 1, times: 100) + " %").right(10))
            }
            if let time = series.time, let memory = series.memory {
                // A line goes through two points whatever they are.
                let fit =
                    series.points.count > 2 ? " (within a factor of \(time.worst_factor.formatted(decimals: 2)))" : ""
                lines.append(
                    "time grows with the power \(time.exponent.formatted(decimals: 2))\(fit), "
                        + "memory with \(memory.exponent.formatted(decimals: 2))"
                )
            }
        }
        return lines.joined(separator: "\n")
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
                    })
            }
        ).svg
    }
}
