/// What workers and shards cost the coordinator's memory, told apart by two runs of as many workers.
struct ClusterMemory {
    /// Bytes that a worker takes, with the one shard or few that it has at least.
    let bytesPerWorker: Double
    /// Bytes that each further shard takes.
    let bytesPerShard: Double
    private let workers: Int
    private let shards: Int

    /// Fewer workers take less than what a coordinator takes by itself.
    private static let enoughWorkers = 100
    private static let enoughShards = 1_000_000
    private static let fewestShards = 1000

    /// Shards of the smaller run; nil where a run has too few to be told from it.
    static func baseShards(workers: Int, shards: Int) -> Int? {
        let base = max(workers, fewestShards)
        return shards >= 10 * base ? base : nil
    }

    /// From the growth of a run of few shards and of one of many, both of `workers` workers.
    init(workers: Int, few: ClusterRun, many: ClusterRun) {
        self.init(
            workers: workers, few: (few.workers.shards, few.memoryGrowth),
            many: (many.workers.shards, many.memoryGrowth))
    }

    init(workers: Int, few: (shards: Int, bytes: Int), many: (shards: Int, bytes: Int)) {
        self.workers = workers
        shards = many.shards
        bytesPerWorker = Double(few.bytes) / Double(workers)
        bytesPerShard = Double(max(many.bytes - few.bytes, 0)) / Double(max(many.shards - few.shards, 1))
    }

    /// Both next to their targets, where there were enough of them.
    func judged() -> [JudgedTarget] {
        (workers >= Self.enoughWorkers ? [JudgedTarget(.worker, bytesPerWorker, "\(workers) workers")] : [])
            + (shards >= Self.enoughShards ? [JudgedTarget(.shard, bytesPerShard, "\(workers) workers")] : [])
    }
}
