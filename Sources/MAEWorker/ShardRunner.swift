import MAEDomain
import MAEWire

/// What computes shards: the engine, or a lighter thing where the cluster itself is under test.
public protocol ShardRunner: Sendable {
    /// The node as it introduces itself: `name` and `host`, and what the runner computes with.
    func identity(name: String, host: String) -> NodeIdentity

    /// Computes one shard; called on one thread at a time, never on the worker's own.
    ///
    /// - Throws: `JobFailure` for everything that the coordinator should hear of, `CancellationError` when `control` said
    ///   that the result is not wanted any more.
    func run(_ job: JobRequest, control: ShardControl) throws -> Completed

    /// What ended the runner for good, when nothing can be computed any more: the worker then leaves the cluster.
    var breakdown: (any Error)? { get }
}

extension ShardRunner {
    /// Nothing, for runners that do not break.
    public var breakdown: (any Error)? { nil }
}

/// What the computation of a shard is at.
public struct ShardPlace: Sendable {
    /// The stage.
    public let stage: JobProgress.Stage
    /// Steps of the stage that are done.
    public let step: Int
    /// Steps that the stage has; 0 when that is not known.
    public let steps: Int
    /// The layer that is computed; nil outside of layers.
    public let layer: String?

    /// A place.
    public init(_ stage: JobProgress.Stage, step: Int = 0, of steps: Int = 0, layer: String? = nil) {
        self.stage = stage
        self.step = step
        self.steps = steps
        self.layer = layer
    }
}

/// How a computation tells where it is, and learns that it is not wanted any more.
public struct ShardControl: Sendable {
    /// Tells what the job is at.
    public let report: @Sendable (_ place: ShardPlace) -> Void
    /// Whether to stop; asked between layers.
    public let isCancelled: @Sendable () -> Bool

    /// A control of the given parts.
    public init(
        report: @escaping @Sendable (ShardPlace) -> Void, isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.report = report
        self.isCancelled = isCancelled
    }
}
