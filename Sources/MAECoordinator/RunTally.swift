import MAECluster
import MAEDomain
import MAETensor
import MAEVerify
import MAEWire

/// Counts what there is to show of a run while it goes on.
struct RunTally {
    private let endpoint: String
    private let expected: Int
    /// Results that each node is to give; nil where nodes share the work out.
    private let share: Int?
    private var done: Int
    private var total: Int
    private var pace: Pace
    private(set) var phase = RunProgress.Phase.gathering
    private var nodes: [NodeID: Node] = [:]
    /// Nodes that were told to drain, those not seen yet included.
    private var draining: Set<NodeID> = []
    private var methods: [Method]
    private(set) var outputs = OutputDigests()

    /// The work of a loading method.
    struct Method {
        let label: String
        /// Results that there are to be, and of each node where every node gives all.
        let expected: Int, share: Int?
        var done = 0
        /// When a job of it was handed out first, and how many results there were then.
        var start: Pace?

        init(label: String, expected: Int, share: Int?) {
            (self.label, self.expected, self.share) = (label, expected, share)
        }
    }

    private struct Node {
        var isPresent = true
        var results = 0
        /// Results that the run set out for, by method.
        var byMethod: [String: Int] = [:]
        /// Since when it is there, and how many results it had given then.
        var start = Pace(start: .zero, done: 0)
        /// In the order of the grants; the first is the one that runs.
        var jobs: [RunJob] = []
        var progress: JobProgress?
        /// When it was lost last, and what it ran then.
        var lostAt: Duration?
        var lastJob: RunJob?
        /// Whether another node has its place now.
        var isReplaced = false

        mutating func lose(at elapsed: Duration) {
            isPresent = false
            lostAt = elapsed
            lastJob = jobs.first
        }

        /// Takes a job away, which is mostly the first.
        mutating func drop(_ lease: Lease) {
            if let index = jobs.firstIndex(where: { $0.lease == lease }) { jobs.remove(at: index) }
        }

        /// Takes in the result of a job, by its method where the run set out for it.
        mutating func finish(_ job: RunJob, isCounted: Bool) {
            drop(job.lease)
            results += 1
            if isCounted { byMethod[job.shard.method, default: 0] += 1 }
        }
    }

    /// Since when the nodes are the same ones, and how many results there were then.
    ///
    /// What came before says nothing of how fast these nodes work: they were fewer, or the run waited for them.
    struct Pace {
        let start: Duration
        let done: Int

        /// Results a second, where there are `done` now; nil before the first.
        func rate(_ done: Int, at elapsed: Duration) -> Double? {
            let seconds = (elapsed - start) / .seconds(1)
            return done > self.done && seconds > 0 ? Double(done - self.done) / seconds : nil
        }
    }

    init(endpoint: String, expected: Int, done: Int, total: Int, share: Int? = nil, methods: [Method] = []) {
        self.share = share
        self.methods = methods
        self.endpoint = endpoint
        self.expected = expected
        self.done = done
        self.total = total
        pace = Pace(start: .zero, done: done)
    }

    /// A node is there, `elapsed` after this coordinator began, and has the place of `former` if that is not nil.
    mutating func join(_ node: NodeID, takingOver former: NodeID? = nil, elapsed: Duration) {
        let known = nodes[node]
        nodes[node, default: Node()].isPresent = true
        nodes[node]?.isReplaced = false
        nodes[node]?.start = Pace(start: elapsed, done: known?.results ?? 0)
        if let former { nodes[former]?.isReplaced = true }
        pace = Pace(start: elapsed, done: done)
    }

    /// A node is gone, `elapsed` after this coordinator began.
    mutating func lose(_ node: NodeID, elapsed: Duration) {
        nodes[node]?.lose(at: elapsed)
        pace = Pace(start: elapsed, done: done)
    }

    mutating func drain(_ node: NodeID) { draining.insert(node) }

    mutating func undrain(_ node: NodeID) { draining.remove(node) }

    /// A node of a run that is carried on gave a result of this method before.
    mutating func recall(_ method: String, of node: NodeID) {
        nodes[node, default: Node(isPresent: false)].results += 1
        nodes[node]?.byMethod[method, default: 0] += 1
        count(method)
    }

    mutating func grant(_ job: RunJob, to node: NodeID, elapsed: Duration = .zero) {
        nodes[node]?.jobs.append(job)
        if let index = methods.firstIndex(where: { $0.label == job.shard.method }), methods[index].start == nil {
            methods[index].start = Pace(start: elapsed, done: methods[index].done)
        }
    }

    mutating func revoke(_ lease: Lease, of node: NodeID) {
        nodes[node]?.drop(lease)
    }

    mutating func finish(_ job: RunJob, on node: NodeID) {
        let isCounted = phase == .gathering
        nodes[node]?.finish(job, isCounted: isCounted)
        if isCounted { count(job.shard.method) }
        done += 1
        // A node on top of the expected ones adds to what there is.
        total = max(total, done)
    }

    private mutating func count(_ method: String) {
        if let index = methods.firstIndex(where: { $0.label == method }) { methods[index].done += 1 }
    }

    /// Takes in the output of a result that the run set out for, from a node whose class promises bits.
    mutating func note(output: SHA256Digest, of job: RunJob, from node: NodeIdentity) {
        guard phase == .gathering, !node.isWitness else { return }
        outputs.note(output, batch: job.shard.batch, method: job.shard.method, from: node)
    }

    /// What the run set out for is there, and so many results are asked for on top.
    mutating func follow(up phase: RunProgress.Phase, _ count: Int) {
        total = done + count
        self.phase = phase
    }

    /// Takes in what a node says of the job that it holds.
    mutating func note(_ progress: JobProgress, from node: NodeID) { nodes[node]?.progress = progress }

    /// How long a node has been gone whose place no other has, and what waits for it; nil of one that owes nothing.
    private func absence(of node: Node, _ elapsed: Duration) -> RunProgress.Absence? {
        guard !node.isPresent, !node.isReplaced, phase == .gathering, done < total, let lostAt = node.lostAt else {
            return nil
        }
        let waiting = share.map { max($0 - node.results, 0) }
        let seconds = Int((elapsed - lostAt) / .seconds(1))
        // Whole minutes after the first: a run that waits for hours is not to fill a log.
        return waiting == 0
            ? nil : RunProgress.Absence(seconds: seconds < 60 ? seconds : seconds / 60 * 60, waiting: waiting)
    }

    /// What became of a node that was gone when the run settled, of whose share `results` were there.
    func loss(of node: NodeID, _ loss: Loss, results: Int) -> LostNode {
        let known = nodes[node]
        return LostNode(
            name: node.name, code: loss.rawValue, reason: loss.description,
            after: known?.lostAt.map { $0 / .seconds(1) }, results: results, share: share,
            job: known?.lastJob.map { LostNode.Job(method: $0.shard.method, batch: $0.shard.batch) })
    }

    func progress(elapsed: Duration) -> RunProgress {
        var progress = RunProgress(
            endpoint: endpoint, expected: expected, done: done, total: total, phase: phase,
            nodes: nodes.sorted { $0.key < $1.key }.map { name, node in
                let running = node.jobs.first
                return RunProgress.Node(
                    name: name.name, isPresent: node.isPresent, isDraining: draining.contains(name),
                    isReplaced: node.isReplaced,
                    results: node.results, byMethod: node.byMethod,
                    absence: absence(of: node, elapsed),
                    job: running.map { .init(method: $0.shard.method, batch: $0.shard.batch) },
                    progress: running?.lease == node.progress?.lease ? node.progress : nil)
            })
        let count = done - pace.done
        progress.methods = methods.map {
            RunProgress.Method(label: $0.label, done: $0.done, expected: max($0.expected, $0.done), share: $0.share)
        }
        // What is left for nodes that are not there, or get no work, takes as long as that lasts.
        if count > 0, !progress.isWaitingForNodes, !progress.isHeldByDrains {
            progress.remaining = (elapsed - pace.start) * (total - done) / count
        }
        progress.disagreements = outputs.disagreements
        progress.disagreeingBatches = outputs.disagreeingBatches
        progress.rates = rates(elapsed)
        return progress
    }

    private func rates(_ elapsed: Duration) -> RunProgress.Rates {
        var rates = RunProgress.Rates()
        // While nothing is computed, there is nothing that could be fast or slow.
        guard nodes.values.contains(where: { !$0.jobs.isEmpty }) else { return rates }
        rates.all = pace.rate(done, at: elapsed)
        for (name, node) in nodes where node.isPresent && share.map({ node.results < $0 }) ?? true {
            rates.nodes[name.name] = node.start.rate(node.results, at: elapsed)
        }
        for method in methods where method.done < method.expected {
            rates.methods[method.label] = method.start?.rate(method.done, at: elapsed)
        }
        return rates
    }
}

/// Tells an observer of changes, a few times a second at most.
struct ProgressReporter {
    private static let interval = Duration.milliseconds(200)

    private let observer: (RunProgress) -> Void
    private var last: RunProgress?
    private var next = ContinuousClock.now
    private var isLate = false

    init(_ observer: @escaping (RunProgress) -> Void) { self.observer = observer }

    /// How long to wait at most, so that what was held back is told in time.
    func limit(_ timeout: Duration) -> Duration { isLate ? min(timeout, Self.interval) : timeout }

    /// Tells what `progress` gives, which is asked for only when it is time.
    mutating func report(isFinal: Bool, _ progress: () -> RunProgress) {
        isLate = ContinuousClock.now < next && !isFinal
        guard !isLate else { return }
        let progress = progress()
        next = ContinuousClock.now + Self.interval
        var comparable = progress
        comparable.remaining = last?.remaining
        if let last { comparable.rates = last.rates }
        guard comparable != last || isFinal else { return }
        last = progress
        observer(progress)
    }
}
