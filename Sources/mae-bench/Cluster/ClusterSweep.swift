import Foundation

/// How the coordinator's time grows with workers and shards, from runs of every size.
struct ClusterSweep: Encodable {
    /// One run.
    struct Point: Encodable {
        let workers, shards: Int
        /// From the first job to the last acknowledgement.
        let seconds: Double
        let shards_per_second: Double
        let coordinator_bytes_per_worker: Int
    }

    private(set) var points: [Point] = []

    /// Workers of the runs.
    static let workers = [10, 100, 1000]
    /// Shards of the smallest run.
    static let fewestShards = 1000

    /// Runs 10³, 10⁴, … shards, up to `most`, by 10, 100 and 1,000 workers.
    init(upTo most: Int, _ run: (_ workers: Int, _ shards: Int) throws -> ClusterRun) rethrows {
        for workers in Self.workers {
            for shards in sequence(first: Self.fewestShards, next: { $0 * 10 }).prefix(while: { $0 <= most }) {
                let result = try run(workers, shards)
                points.append(
                    Point(
                        workers: workers, shards: shards, seconds: result.workers.seconds,
                        shards_per_second: Double(result.workers.shards) / max(result.workers.seconds, 1e-9),
                        coordinator_bytes_per_worker: result.memoryGrowth / workers))
            }
        }
    }

    var text: String {
        let rows = points.map { point in
            "\(point.workers) workers, \(point.shards) shards: \(Int(point.shards_per_second)) a second, "
                + "\(point.coordinator_bytes_per_worker) bytes for each worker"
        }
        return rows.joined(separator: "\n")
    }

    /// A drawing with logarithmic axes, on which time proportional to shards is a line that rises as fast as it goes right.
    var drawing: String {
        let (width, height, margin) = (640.0, 420.0, 60.0)
        let horizontal = LogAxis(points.map { Double($0.shards) }, from: margin, to: width - margin)
        let vertical = LogAxis(points.map(\.seconds), from: height - margin, to: margin)
        let colours = ["#1b6ca8", "#c8553d", "#588b4b"]
        var parts = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" font-family="sans-serif" \
            font-size="12">
            <rect width="100%" height="100%" fill="white"/>
            """
        ]
        for power in horizontal.powers {
            let x = horizontal.place(pow(10, Double(power)))
            parts.append(
                """
                <line x1="\(x)" y1="\(margin)" x2="\(x)" y2="\(height - margin)" stroke="#ddd"/>\
                <text x="\(x)" y="\(height - margin + 18)" text-anchor="middle">10^\(power)</text>
                """)
        }
        for power in vertical.powers {
            let y = vertical.place(pow(10, Double(power)))
            parts.append(
                """
                <line x1="\(margin)" y1="\(y)" x2="\(width - margin)" y2="\(y)" stroke="#ddd"/>\
                <text x="\(margin - 8)" y="\(y + 4)" text-anchor="end">10^\(power) s</text>
                """)
        }
        for (index, (workers, colour)) in zip(Self.workers, colours).enumerated() {
            let places = points.filter { $0.workers == workers }.map {
                "\(horizontal.place(Double($0.shards))),\(vertical.place($0.seconds))"
            }
            // Named above the drawing, where no line runs.
            parts.append(
                """
                <polyline points="\(places.joined(separator: " "))" fill="none" stroke="\(colour)" stroke-width="2"/>\
                <text x="\(margin + Double(index) * 110)" y="\(margin - 16)" fill="\(colour)">\(workers) workers</text>
                """)
        }
        parts.append("<text x=\"\(width / 2)\" y=\"\(height - 14)\" text-anchor=\"middle\">shards</text></svg>\n")
        return parts.joined(separator: "\n")
    }
}

/// Places values on a line by their logarithms.
private struct LogAxis {
    /// Powers of ten from just below the smallest value to just above the largest.
    let powers: ClosedRange<Int>
    private let start, end: Double

    init(_ values: [Double], from start: Double, to end: Double) {
        let logarithms = values.filter { $0 > 0 }.map { log10($0) }
        let low = Int((logarithms.min() ?? 0).rounded(.down))
        powers = low...max(Int((logarithms.max() ?? 0).rounded(.up)), low + 1)
        (self.start, self.end) = (start, end)
    }

    func place(_ value: Double) -> Double {
        let share = (log10(max(value, 1e-9)) - Double(powers.lowerBound)) / Double(powers.count - 1)
        return ((start + (end - start) * share) * 10).rounded() / 10
    }
}
