import MAEStore

/// The figures of a run under way, for monitoring.
///
/// Counts are those of this coordinator: they begin at 0 again when a run is carried on.
public struct RunMetrics: Sendable, Hashable {
    /// Name of the run.
    public let run: String
    /// Whether the run goes on.
    public let isActive: Bool
    /// Seconds since this coordinator began.
    public let age: Double
    /// Nodes in each state.
    public let nodes: [NodeStatus.State: Int]
    /// Results that each node has handed in, by name.
    public let nodeResults: [String: Int]
    /// Shards, those with all their results, and those that some node or all nodes have given up.
    public let shards, shardsDone, shardsSetAside: Int
    /// Results that there are, those of earlier coordinators included, and that there are to be.
    public let results, resultsWanted: Int
    /// Results that were made durable.
    public let resultsStored: Int
    /// Results that were refused, by reason.
    public let resultsRefused: [String: Int]
    /// Hellos that were refused, by reason.
    public let hellosRefused: [String: Int]
    /// Messages that could not be read.
    public let messagesUnreadable: Int
    /// Jobs handed out; those of them that were handed out before; those that went to one more node because one was slow.
    public let grants, repeatedGrants, spares: Int
    /// Jobs that ended without a result, by cause.
    public let failedGrants: [String: Int]
    /// How often a node was lost, by cause.
    public let nodesLost: [String: Int]
    /// Bytes of checkpoints that were sent to workers.
    public let checkpointBytesSent: Int
    /// How long the store took for each transaction.
    public let commits: Histogram
    /// What waits, by queue: results for the disk, requests for chunks, chunks and messages for slow workers; and jobs in
    /// the hands of nodes.
    public let queues: [Queue: Int]

    /// A place where something waits.
    public enum Queue: String, Sendable, CaseIterable {
        /// Results that are not durable yet.
        case resultsToStore = "results_to_store"
        /// Chunks of checkpoints that workers asked for.
        case chunkRequests = "chunk_requests"
        /// Chunks of checkpoints that are being sent.
        case chunksInFlight = "chunks_in_flight"
        /// Messages that slow workers could not take yet.
        case messagesHeldUp = "messages_held_up"
        /// Jobs that nodes hold.
        case jobsOut = "jobs_out"
    }
}

/// Hands figures over now and then.
struct MetricsReporter {
    private let interval: Duration
    private let observer: ((RunMetrics) -> Void)?
    private var next = ContinuousClock.now

    init(every interval: Duration, _ observer: ((RunMetrics) -> Void)?) {
        self.interval = interval
        self.observer = observer
    }

    /// Hands over what `metrics` gives, which is asked for only when it is time.
    mutating func report(isFinal: Bool = false, _ metrics: () -> RunMetrics) {
        guard let observer, isFinal || ContinuousClock.now >= next else { return }
        next = ContinuousClock.now + interval
        observer(metrics())
    }
}
