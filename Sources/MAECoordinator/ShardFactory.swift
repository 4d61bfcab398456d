import MAECluster
import MAEDomain
import MAEStore
import MAEVerify
import MAEWire

/// Makes the shards of a run, and the messages that hand them out.
struct ShardFactory {
    private let plan: RunPlan
    private let noise: TensorPayload?
    /// The identifier of the next shard: those of a run that is carried on are not given out again.
    private var nextID = 0

    /// A factory for the shards of `plan`.
    init(_ plan: RunPlan, noise: TensorPayload?) throws(CoordinatorError) {
        guard !plan.methods.isEmpty, plan.batches > 0, plan.workers > 0 else {
            throw CoordinatorError(.badPlan, "a run has at least one method, one batch and one worker")
        }
        guard plan.replicas ?? 1 >= 1 else {
            throw CoordinatorError(.badPlan, "a batch is run by at least one node, not by \(plan.replicas ?? 0)")
        }
        guard plan.noise != .file || noise != nil else {
            throw CoordinatorError(.badPlan, "the noise is to come from a file, and none was given")
        }
        guard plan.images == nil || plan.imageFiles != nil else {
            throw CoordinatorError(.badPlan, "the images are to come from files that nothing is known of")
        }
        self.plan = plan
        self.noise = plan.noise == .file ? noise : nil
    }

    /// The shards that the run begins with: every batch by every method, on every node or on as many as `replicas` says.
    ///
    /// A batch goes to the same nodes by every method, so that both nodes and methods are compared inside it. Where every node
    /// runs every batch, it also runs the one that is drawn for the run alone.
    mutating func firstShards() -> [RunShard] {
        let placement = plan.sharedReplicas.map(Placement.overlap) ?? .everyNode
        var shards = (0..<plan.batches).flatMap { batch in
            plan.methods.indices.map { shard(method: $0, batch: batch, attempt: 0, placement: placement) }
        }
        if let fresh = plan.freshBatch, plan.sharedReplicas == nil {
            shards += plan.methods.indices.map { shard(method: $0, batch: fresh, attempt: 0, placement: .everyNode) }
        }
        return shards
    }

    /// The shards that ask these nodes for the batch that is drawn for the run alone, by each method by which they gave any of the
    /// `observations` and not yet that one; where nodes share the batches out: a node that is lost meanwhile holds up nothing then.
    ///
    /// Of long runs `observations` are what is judged one by one, which has some of each node and method. Methods come in the reverse of
    /// their order, since nodes still have the models of the last ones.
    mutating func freshShards(for nodes: [NodeID], after observations: [Observation]) -> [RunShard] {
        guard let fresh = plan.freshBatch, plan.sharedReplicas != nil else { return [] }
        func cells(_ observations: [Observation]) -> Set<Cell> {
            Set(observations.map { Cell(node: $0.node.name, method: $0.method.label, batch: fresh) })
        }
        let due = cells(observations).subtracting(cells(observations.filter { plan.isFresh($0.batch.index) }))
        return plan.methods.indices.reversed().flatMap { method in
            nodes.filter { due.contains(Cell(node: $0.name, method: plan.methods[method].label, batch: fresh)) }.map {
                shard(method: method, batch: fresh, attempt: 0, placement: .node($0))
            }
        }
    }

    /// Skips the identifiers of re-runs that an earlier coordinator of the run asked for.
    ///
    /// They are not asked for as they were: the node may have gone, and where results disagree, new ones follow.
    mutating func skip(_ records: [ShardRecord]) {
        nextID = max(nextID, (records.map(\.shard).max() ?? -1) + 1)
    }

    /// The shards that run cells again and look at them closely.
    mutating func reruns(_ questions: [FollowUp.Question], attempt: Int) -> [RunShard] {
        questions.compactMap { question in
            let cell = question.cell
            guard let method = plan.methods.firstIndex(where: { $0.label == cell.method }), let node = NodeID(cell.node)
            else { return nil }
            return shard(
                method: method, batch: cell.batch, attempt: attempt, placement: .node(node),
                examination: question.examination)
        }
    }

    /// The identity of a shard's batch.
    func batch(of shard: RunShard) -> BatchIdentity { plan.batch(shard.batch) }

    /// The source of a shard's noise.
    func noise(of shard: RunShard) -> NoiseSource {
        NoiseSource(policy: plan.noise(ofBatch: shard.batch), draw: shard.work.draw)
    }

    /// What a worker is told to do.
    func job(_ granted: RunJob, wantsFingerprints: Bool) -> JobRequest {
        let method = granted.shard.work.method
        let batch = batch(of: granted.shard)
        let isPinned = plan.isPinned(batch.index)
        var job = JobRequest(
            lease: granted.lease, run: plan.run, shard: UInt64(granted.shard.id.rawValue), method: method.kind,
            label: method.label, checkpoint: method.path, configuration: method.configPath,
            batchIndex: UInt64(batch.index), seed: batch.seed, batchSize: batch.size,
            maskRatio: method.maskRatio ?? plan.maskRatio,
            noise: (isPinned ? noise : nil).map { .given($0) } ?? .drawn(index: granted.shard.work.draw))
        if isPinned, let images = plan.images, let files = plan.imageFiles {
            let first = images.range(ofBatch: batch.index, size: plan.batchSize).lowerBound
            job.images = JobRequest.Images(path: images.preparedPath, files: files.digest, first: first)
        }
        job.weights = method.weights
        job.checkpointFiles = plan.files(.checkpoint, at: method.path)?.digest
        job.configurationFiles = method.configPath.flatMap { plan.files(.configuration, at: $0)?.digest }
        job.wantsFingerprints = wantsFingerprints
        // Once is enough: later rounds ask about operations.
        job.wantsLayernorm = granted.shard.work.attempt == 1
        job.examination = granted.shard.work.examination
        return job
    }

    private mutating func shard(
        method index: Int, batch: Int, attempt: Int, placement: Placement, examination: Examination? = nil
    ) -> RunShard {
        defer { nextID += 1 }
        let method = plan.methods[index]
        return RunShard(
            id: ShardID(rawValue: nextID), method: method.label, batch: batch, placement: placement,
            work: ShardWork(
                method: method, draw: plan.draw(ofMethod: index), attempt: attempt, examination: examination))
    }
}

extension RunPlan {
    /// How many nodes run each batch; nil when all do.
    var sharedReplicas: Int? { replicas.flatMap { $0 < workers ? $0 : nil } }
}

extension ShardRecord {
    /// The shard as the store keeps it.
    init(_ shard: RunShard) {
        let placement: Placement =
            switch shard.placement {
            case .everyNode: .everyNode
            case .overlap(let count): .overlap(count)
            case .node(let node): .node(node.name)
            }
        self.init(shard: shard.id.rawValue, method: shard.method, batch: shard.batch, placement: placement)
    }
}
