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

    /// A drawing on which time proportional to shards is a line that rises as fast as it goes right.
    var drawing: String {
        let lines = Self.workers.map { workers in
            LogPlot.Line(
                name: "\(workers) workers",
                points: points.filter { $0.workers == workers }.map { (Double($0.shards), $0.seconds) })
        }
        return LogPlot(title: "shards", unit: "s", lines: lines).svg
    }
}
