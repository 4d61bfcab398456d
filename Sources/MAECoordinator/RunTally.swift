import MAECluster
import MAEWire

/// Counts what there is to show of a run while it goes on.
struct RunTally {
    private let endpoint: String
    private var done: Int
    private let doneBefore: Int
    private var total: Int
    private(set) var isFollowingUp = false
    private var nodes: [NodeID: Node] = [:]
    private var holders: [Lease: NodeID] = [:]
    /// Nodes that were told to drain, those not seen yet included.
    private var draining: Set<NodeID> = []

    private struct Node {
        var isPresent = true
        var results = 0
        /// In the order of the grants; the first is the one that runs.
        var jobs: [MAECluster.Job] = []
        var progress: Heartbeat.Progress?
    }

    init(endpoint: String, done: Int, total: Int) {
        self.endpoint = endpoint
        self.done = done
        doneBefore = done
        self.total = total
    }

    mutating func join(_ node: NodeID) { nodes[node, default: Node()].isPresent = true }

    mutating func lose(_ node: NodeID) { nodes[node]?.isPresent = false }

    mutating func drain(_ node: NodeID) { draining.insert(node) }

    mutating func undrain(_ node: NodeID) { draining.remove(node) }

    mutating func grant(_ job: MAECluster.Job, to node: NodeID) {
        nodes[node]?.jobs.append(job)
        holders[job.lease] = node
    }

    mutating func revoke(_ lease: Lease, of node: NodeID) {
        nodes[node]?.jobs.removeAll { $0.lease == lease }
        holders[lease] = nil
    }

    mutating func finish(_ job: MAECluster.Job, on node: NodeID) {
        revoke(job.lease, of: node)
        nodes[node]?.results += 1
        done += 1
        // A node on top of the expected ones adds to what there is.
        total = max(total, done)
    }

    mutating func ask(_ count: Int) {
        total = done + count
        isFollowingUp = true
    }

    /// Notes what a node says of its job; what is not granted is nobody's progress.
    mutating func note(_ progress: Heartbeat.Progress) {
        guard let lease = Lease(progress.lease), let node = holder(of: lease) else { return }
        nodes[node]?.progress = progress
    }

    /// The node that a lease is granted to.
    func holder(of lease: Lease) -> NodeID? { holders[lease] }

    func progress(elapsed: Duration) -> RunProgress {
        let here = done - doneBefore
        return RunProgress(
            endpoint: endpoint, done: done, total: total, isFollowingUp: isFollowingUp,
            nodes: nodes.sorted { $0.key < $1.key }.map { name, node in
                let running = node.jobs.first
                return RunProgress.Node(
                    name: name.name, isPresent: node.isPresent, isDraining: draining.contains(name),
                    results: node.results,
                    job: running.map { .init(method: $0.shard.method, batch: $0.shard.batch) },
                    progress: running?.lease.reference == node.progress?.lease ? node.progress : nil)
            },
            remaining: here == 0 ? nil : elapsed * (total - done) / here)
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
        guard comparable != last || isFinal else { return }
        last = progress
        observer(progress)
    }
}
