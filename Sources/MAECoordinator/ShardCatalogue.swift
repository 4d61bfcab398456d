import MAECluster
import MAEDomain
import MAEStore
import MAEVerify
import MAEWire

/// What the shards of a run stand for: the state machine knows them by number only.
struct ShardCatalogue {
    /// A shard and what its jobs say.
    struct Entry {
        let shard: Shard
        let method: LoadingMethod
        /// Which draw of the noise is used.
        let draw: Int
        /// 0 for the shards a run begins with; counts the rounds of questions.
        let attempt: Int

        /// Whether it looks at something more closely, for which more is sent than digests.
        var isQuestion: Bool { attempt > 0 }
    }

    private let plan: RunPlan
    private let noise: TensorPayload?
    private let decodes: Bool
    private(set) var entries: [Entry] = []

    /// The shards that `plan` begins with: every batch by every method, on every node or on as many as `replicas` says.
    ///
    /// A batch goes to the same nodes by every method, so that both nodes and methods are compared inside it.
    init(_ plan: RunPlan, noise: TensorPayload?, decodes: Bool) throws(CoordinatorError) {
        guard !plan.methods.isEmpty, plan.batches > 0, plan.workers > 0 else {
            throw CoordinatorError(.badPlan, "a run has at least one method, one batch and one worker")
        }
        guard plan.noise != .file || noise != nil else {
            throw CoordinatorError(.badPlan, "the noise is to come from a file, and none was given")
        }
        guard plan.images == nil || plan.imageFiles != nil else {
            throw CoordinatorError(.badPlan, "the images are to come from files that nothing is known of")
        }
        self.plan = plan
        self.noise = plan.noise == .file ? noise : nil
        self.decodes = decodes
        let placement = plan.sharedReplicas.map(Placement.overlap) ?? .everyNode
        for batch in 0..<plan.batches {
            for method in plan.methods.indices { add(method: method, batch: batch, attempt: 0, placement: placement) }
        }
    }

    /// The shards that the run begins with.
    var firstShards: [Shard] { entries.filter { !$0.isQuestion }.map(\.shard) }

    /// Adds the questions of a run that is resumed, so that their numbers are not given out again.
    ///
    /// They are not put again as they are: the node may have gone, and what disagrees leads to new ones.
    mutating func restore(_ records: [ShardRecord]) {
        for record in records.dropFirst(entries.count) {
            guard let method = plan.methods.firstIndex(where: { $0.label == record.method }),
                let placement = Placement(record.placement)
            else { continue }
            add(method: method, batch: record.batch, attempt: 1, placement: placement)
        }
    }

    /// Adds questions, and returns their shards.
    mutating func ask(_ questions: [Question], attempt: Int) -> [Shard] {
        let first = entries.count
        for question in questions {
            guard let method = plan.methods.firstIndex(where: { $0.label == question.cell.method }),
                let node = NodeID(question.cell.node)
            else { continue }
            add(method: method, batch: question.cell.batch, attempt: attempt, placement: .node(node))
        }
        return entries[first...].map(\.shard)
    }

    subscript(id: ShardID) -> Entry { entries[id.rawValue] }

    /// The identity of an entry's batch.
    func batch(of entry: Entry) -> BatchIdentity {
        let index = entry.shard.batch
        return BatchIdentity(index: index, seed: plan.seed &+ UInt64(index), size: plan.size(ofBatch: index))
    }

    /// The source of an entry's noise.
    func noise(of entry: Entry) -> NoiseSource { NoiseSource(policy: plan.noise, draw: entry.draw) }

    /// What a worker is told to do.
    func job(_ granted: MAECluster.Job, wantsManifest: Bool) -> MAEWire.Job {
        let entry = self[granted.shard.id]
        let batch = batch(of: entry)
        var job = MAEWire.Job(
            lease: granted.lease.reference, run: plan.run, shard: UInt64(granted.shard.id.rawValue),
            method: entry.method.kind.wire, label: entry.method.label, checkpoint: entry.method.path,
            configuration: entry.method.configPath, batchIndex: UInt64(batch.index), seed: batch.seed,
            batchSize: batch.size, maskRatio: entry.method.maskRatio ?? plan.maskRatio,
            noise: noise.map { .given($0) } ?? .drawn(index: entry.draw))
        if let images = plan.images, let files = plan.imageFiles {
            let first = images.range(ofBatch: batch.index, size: plan.batchSize).lowerBound
            job.images = MAEWire.Job.Images(path: images.path, files: files.digest, first: first)
        }
        job.weights = entry.method.weights
        job.checkpointFiles = plan.files(.checkpoint, at: entry.method.path)?.digest
        job.configurationFiles = entry.method.configPath.flatMap { plan.files(.configuration, at: $0)?.digest }
        job.decode = decodes
        job.wantsManifest = wantsManifest
        job.wantsLayernorm = entry.isQuestion
        job.wantsLayerDigests = entry.isQuestion
        return job
    }

    private mutating func add(method index: Int, batch: Int, attempt: Int, placement: Placement) {
        let method = plan.methods[index]
        let shard = Shard(
            id: ShardID(rawValue: entries.count), method: method.label, batch: batch, placement: placement)
        // As one PyTorch process does that runs the methods one after the other: each takes the next draw.
        let draw = plan.noise == .sequential ? index : 0
        entries.append(Entry(shard: shard, method: method, draw: draw, attempt: attempt))
    }
}

extension RunPlan {
    /// How many nodes run each batch; nil when all do.
    var sharedReplicas: Int? { replicas.flatMap { $0 < workers ? $0 : nil } }
}

extension ShardRecord {
    /// The shard as the store keeps it.
    init(_ shard: Shard) {
        let placement: Placement =
            switch shard.placement {
            case .everyNode: .everyNode
            case .overlap(let count): .overlap(count)
            case .node(let node): .node(node.name)
            }
        self.init(shard: shard.id.rawValue, method: shard.method, batch: shard.batch, placement: placement)
    }
}

extension Placement {
    fileprivate init?(_ record: ShardRecord.Placement) {
        switch record {
        case .everyNode: self = .everyNode
        case .overlap(let count): self = .overlap(max(count, 1))
        case .node(let name):
            guard let node = NodeID(name) else { return nil }
            self = .node(node)
        }
    }
}
