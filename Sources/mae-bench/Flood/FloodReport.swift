/// The figures of `mae-bench flood`; names are those of the JSON output.
struct FloodReport: Encodable {
    let kind: FloodKind
    let workers: Int
    let shards: Int
    /// Shards a second in each run, in the order of the runs.
    let quiet_shards_per_second: [Double]
    /// While another program computes and sends nothing.
    let computing_shards_per_second: [Double]
    let flooded_shards_per_second: [Double]
    /// The middle rate under the flood, as a part of the middle rate without.
    let ratio: Double
    /// The same of the rate while another program only computes: what a flood takes of the coordinator is what ``ratio`` is below it.
    let computing_ratio: Double

    init(
        kind: FloodKind, workers: Int, shards: Int, quiet: [Double], computing: [Double], flooded: [Double]
    ) {
        self.kind = kind
        self.workers = workers
        self.shards = shards
        quiet_shards_per_second = quiet
        flooded_shards_per_second = flooded
        computing_shards_per_second = computing
        let middle = max(Percentiles(quiet).p50, 1e-9)
        ratio = Percentiles(flooded).p50 / middle
        computing_ratio = Percentiles(computing).p50 / middle
    }

    var text: String {
        func percent(_ ratio: Double) -> String { "\((ratio * 1000).rounded() / 10) %" }
        let (quiet, flooded) = (Percentiles(quiet_shards_per_second).p50, Percentiles(flooded_shards_per_second).p50)
        return
            "\(workers) workers, \(shards) shards: \(Int(quiet)) a second; while a key floods with \(kind.rawValue): "
            + "\(Int(flooded)), \(percent(ratio)); while another program only computes: \(percent(computing_ratio))"
    }
}
