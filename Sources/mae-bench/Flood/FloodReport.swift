/// The figures of `mae-bench flood`; names are those of the JSON output.
struct FloodReport: Encodable {
    let kind: FloodKind
    let workers: Int
    let shards: Int
    /// Shards a second in each run, in the order of the runs.
    let quiet_shards_per_second: [Double]
    let flooded_shards_per_second: [Double]
    /// The middle rate under the flood, as a part of the middle rate without.
    let ratio: Double

    init(kind: FloodKind, workers: Int, shards: Int, quiet: [Double], flooded: [Double]) {
        self.kind = kind
        self.workers = workers
        self.shards = shards
        quiet_shards_per_second = quiet
        flooded_shards_per_second = flooded
        ratio = Percentiles(flooded).p50 / max(Percentiles(quiet).p50, 1e-9)
    }

    var text: String {
        let (quiet, flooded) = (Percentiles(quiet_shards_per_second).p50, Percentiles(flooded_shards_per_second).p50)
        return
            "\(workers) workers, \(shards) shards: \(Int(quiet)) a second; while a key floods with \(kind.rawValue): "
            + "\(Int(flooded)), \((ratio * 1000).rounded() / 10) %"
    }
}
