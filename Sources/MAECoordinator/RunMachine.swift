import MAECluster
import MAEDomain
import MAEWire

/// The state machine of a run of ours, and what it carries without looking at it.
typealias RunMachine = CoordinatorStateMachine<NodeIdentity, ShardWork, HandedIn>

/// A shard of a run.
typealias RunShard = Shard<ShardWork>

/// A grant of a shard of a run.
typealias RunJob = MAECluster.Job<ShardWork>

/// A result as a worker handed it in.
///
/// An object, since the state machine passes it through events and actions, each of which would copy dozens of strings and lists.
final class HandedIn: Sendable, Equatable {
    let completed: Completed

    init(_ completed: Completed) { self.completed = completed }

    static func == (left: HandedIn, right: HandedIn) -> Bool { left === right || left.completed == right.completed }
}

/// What a shard stands for beyond its batch.
///
/// An object, since the state machine copies it with every job that it passes on.
public final class ShardWork: Sendable, Hashable {
    /// How the checkpoint is loaded.
    public let method: LoadingMethod
    /// Which draw of the noise is used.
    public let draw: Int
    /// 0 for the shards that a run begins with; counts the rounds of re-runs.
    public let attempt: Int
    /// What a re-run looks at closely; nil for a pass alone.
    public let examination: Examination?

    /// Describes the work of a shard.
    public init(method: LoadingMethod, draw: Int, attempt: Int, examination: Examination? = nil) {
        self.method = method
        self.draw = draw
        self.attempt = attempt
        self.examination = examination
    }

    /// Whether it looks at something more closely, for which more is sent than digests.
    public var isRerun: Bool { attempt > 0 }

    /// Two descriptions of the same work.
    public static func == (left: ShardWork, right: ShardWork) -> Bool {
        left === right
            || (left.method, left.draw, left.attempt) == (right.method, right.draw, right.attempt)
                && left.examination == right.examination
    }

    /// Feeds most of what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(method)
        hasher.combine(draw)
        hasher.combine(attempt)
    }
}
