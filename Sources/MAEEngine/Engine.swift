import MAECPU
import MAECheckpoint
import MAECompute
import MAEModel

/// How an engine is opened.
public struct EngineOptions: Sendable, Hashable {
    /// What computes.
    public enum Backend: String, Sendable, Hashable, CaseIterable {
        /// The vector units of this machine's processor.
        case cpu
        /// The specification in plain Swift: slow, for comparisons.
        case reference
    }

    /// What computes.
    public var backend: Backend
    /// Instruction set to use; nil takes the widest this processor has.
    public var instructionSet: InstructionSet?
    /// Threads to compute with; nil takes one for each processor this process may use, within a control
    /// group's quota.
    public var threads: Int?
    /// Whether each thread stays on a processor of its own while it computes.
    public var pinsThreads: Bool

    /// The CPU, its widest instruction set and all its processors unless told otherwise.
    public init(
        backend: Backend = .cpu, instructionSet: InstructionSet? = nil, threads: Int? = nil, pinsThreads: Bool = false
    ) {
        self.backend = backend
        self.instructionSet = instructionSet
        self.threads = threads
        self.pinsThreads = pinsThreads
    }
}

/// The one face of the engine: opens a backend, proves what class it is in, and loads models onto it.
public struct Engine: Sendable {
    private let backend: any ComputeBackend
    /// What the backend gave for the known questions.
    public let knownAnswers: KnownAnswers
    /// What the engine is and runs on; the numeric class is canonical only if the known answers are.
    public let description: BackendDescription

    /// Opens a backend and asks it the known questions.
    ///
    /// - Throws: ``ComputeError`` with code `unsupportedDevice` when this machine lacks what was asked for.
    public init(_ options: EngineOptions = EngineOptions()) throws {
        switch options.backend {
        case .cpu:
            backend = try CPUBackend(
                instructionSet: options.instructionSet, threads: options.threads, pins: options.pinsThreads)
        case .reference: backend = ReferenceBackend()
        }
        knownAnswers = try KnownAnswers(of: backend)
        let stated = backend.description
        description = BackendDescription(
            backend: stated.backend, device: stated.device, instructionSet: stated.instructionSet,
            threads: stated.threads, numericClass: knownAnswers.numericClass(of: stated))
    }

    /// Reads a checkpoint and brings its weights onto the backend; checksums are verified and digests taken on the way.
    ///
    /// - Parameters:
    ///   - path: a hub directory or a checkpoint file.
    ///   - method: how to read it; `.automatic` goes by content.
    ///   - configuration: a `config.json`, or a directory with one, for files that carry none.
    ///   - progress: told after each weight how many bytes of all weights are on the backend; called on any thread, one
    ///     call at a time.
    /// - Throws: ``CheckpointError`` for a file that cannot be read as asked, and ``ComputeError`` with code `outOfMemory`
    ///   for weights this machine cannot hold.
    public func load(
        _ path: String, method: LoadingMethod = .automatic, configuration: String? = nil,
        progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
    ) throws -> LoadedModel {
        let checkpoint = try ModelCheckpoint.openUnverified(path, method: method, configuration: configuration)
        try MemoryNeed(weightsOf: checkpoint.layout, at: checkpoint.path).check()
        return try LoadedModel(checkpoint, on: backend, progress: progress)
    }
}
