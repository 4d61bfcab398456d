import MAECluster
import MAEDomain
import MAEWire

/// The state machine of a run of ours, and what it carries without looking at it.
typealias RunMachine = CoordinatorStateMachine<NodeIdentity, ShardWork, Completed>

/// A shard of a run.
typealias RunShard = Shard<ShardWork>

/// A grant of a shard of a run.
typealias RunJob = MAECluster.Job<ShardWork>

/// What a shard stands for beyond its batch.
public struct ShardWork: Sendable, Hashable {
    /// How the checkpoint is loaded.
    public let method: LoadingMethod
    /// Which draw of the noise is used.
    public let draw: Int
    /// 0 for the shards that a run begins with; counts the rounds of re-runs.
    public let attempt: Int

    /// Whether it looks at something more closely, for which more is sent than digests.
    public var isRerun: Bool { attempt > 0 }
}
