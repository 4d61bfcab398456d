import MAEWire

/// What computes shards: the engine, or a lighter thing where the cluster itself is under test.
public protocol ShardRunner: Sendable {
    /// What the worker says of itself in its Hello: everything but the names of node and process.
    var introduction: RunnerIntroduction { get }

    /// Computes one shard; called on one thread at a time, never on the worker's own.
    ///
    /// - Throws: ``ShardError`` for everything that the coordinator should hear of, `CancellationError` when `control`
    ///   said that nobody wants the result.
    func run(_ job: Job, control: ShardControl) throws -> ShardOutput

    /// What ended the runner for good, when nothing can be computed any more: the worker then leaves the cluster.
    var breakdown: (any Error)? { get }
}

extension ShardRunner {
    /// Nothing, for runners that do not break.
    public var breakdown: (any Error)? { nil }
}

/// What a runner is and computes with.
public struct RunnerIntroduction: Sendable {
    /// The build of the engine.
    public var build: String
    /// What computes: `cpu`, `vulkan` or `reference`.
    public var backend: String
    /// The processor or device, as it names itself.
    public var device: String
    /// The instruction set in use.
    public var isa: String
    /// Threads in use.
    public var threads: Int
    /// The class of engines that promise the same bits.
    public var numericClass: String
    /// Why it is in that class, in a sentence; empty when it does not say.
    public var classReason: String
    /// Instruction sets that the node could use.
    public var instructionSets: [String]
    /// Digests of small computations with known results.
    public var knownAnswers: [NamedDigest]

    /// An introduction.
    public init(
        build: String, backend: String, device: String, isa: String, threads: Int, numericClass: String,
        classReason: String = "", instructionSets: [String] = [], knownAnswers: [NamedDigest] = []
    ) {
        self.build = build
        self.backend = backend
        self.device = device
        self.isa = isa
        self.threads = threads
        self.numericClass = numericClass
        self.classReason = classReason
        self.instructionSets = instructionSets
        self.knownAnswers = knownAnswers
    }
}

/// What the computation of a shard is at.
public struct ShardPlace: Sendable {
    /// The stage.
    public let stage: Heartbeat.Stage
    /// Steps of the stage that are done.
    public let step: Int
    /// Steps that the stage has; 0 when that is not known.
    public let steps: Int
    /// The layer that is computed; nil outside of layers.
    public let layer: String?

    /// A place.
    public init(_ stage: Heartbeat.Stage, step: Int = 0, of steps: Int = 0, layer: String? = nil) {
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

/// What a shard gave.
public struct ShardOutput: Sendable {
    /// What the coordinator is told.
    public var completed: Completed
    /// Whole tensors that the coordinator may ask for afterwards.
    public var tensors: [TensorPayload]

    /// An output.
    public init(completed: Completed, tensors: [TensorPayload] = []) {
        self.completed = completed
        self.tensors = tensors
    }
}

/// Why a shard could not be computed, as the coordinator is told.
public struct ShardError: Error, Sendable, CustomStringConvertible {
    /// What goes over the wire.
    public let failed: Failed

    /// A failure.
    public init(code: String, message: String, remedy: String = "", fault: Failed.Fault) {
        failed = Failed(code: code, message: message, remedy: remedy, fault: fault)
    }

    /// `code: message`.
    public var description: String { "\(failed.code): \(failed.message)" }
}
