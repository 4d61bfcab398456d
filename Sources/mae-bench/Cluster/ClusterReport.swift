/// The figures of `mae-bench cluster`; names are those of the JSON output.
struct ClusterReport: Encodable {
    let workers: Int
    /// Shards a worker held at once; left out when the coordinator decided.
    let leases: Int?
    let shards: Int
    /// Results that became durable and were acknowledged, in a second.
    let shards_per_second: Double
    /// From a result to the next job, one worker with one shard at a time.
    let round_trip_ms: Percentiles
    /// From a result to its acknowledgement, under load.
    let acknowledgement_ms: Percentiles
    /// Growth of the coordinator's memory from before the first worker to its largest, for each worker.
    let coordinator_bytes_per_worker: Int
    /// What a worker takes of it apart from shards, and a shard; left out where there are too few shards to tell them apart.
    let memory_bytes_per_worker: Int?
    let memory_bytes_per_shard: Int?
    let targets: [JudgedTarget]

    init(workers: Int, leases: Int?, loaded: ClusterRun, single: ClusterRun, memory: ClusterMemory?) {
        self.workers = workers
        self.leases = leases
        shards = loaded.workers.shards
        shards_per_second = Double(loaded.workers.shards) / max(loaded.workers.seconds, 1e-9)
        round_trip_ms = single.workers.round_trip_ms
        acknowledgement_ms = loaded.workers.acknowledgement_ms
        coordinator_bytes_per_worker = loaded.memoryGrowth / workers
        memory_bytes_per_worker = memory.map { Int($0.bytesPerWorker) }
        memory_bytes_per_shard = memory.map { Int($0.bytesPerShard) }
        targets = memory?.judged() ?? []
    }

    var text: String {
        let memory = memory_bytes_per_worker.flatMap { worker in
            memory_bytes_per_shard.map { "\n  of which \(worker) for a worker itself, and \($0) for each shard" }
        }
        return """
            \(shards) shards by \(workers) workers: \(Int(shards_per_second)) a second
            round trip: \(Self.text(round_trip_ms)); to the acknowledgement, under load: \(Self.text(acknowledgement_ms))
            coordinator: \(coordinator_bytes_per_worker) bytes of memory for each worker\(memory ?? "")\
            \(targets.isEmpty ? "" : "\n" + targets.table)
            """
    }

    private static func text(_ times: Percentiles) -> String {
        func round(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
        return "p50 \(round(times.p50)) ms, p99 \(round(times.p99)) ms"
    }
}
