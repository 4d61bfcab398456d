import MAECPU
import MAECheckpoint
import MAECompute
import MAEFormats
import MAEVulkan

/// The one face of the engine: opens a backend, proves what class it is in, and loads models onto it.
public struct Engine: Sendable {
    private let backend: any ComputeBackend
    private let watch: AnswerWatch
    /// What the backend gave for the known questions.
    public let knownAnswers: KnownAnswers
    /// Why the engine is in its numeric class, in a sentence.
    public let classReason: String
    /// What the engine is and runs on; the numeric class is canonical only if the known answers are.
    public let description: BackendDescription

    /// Whether this process left work on a device that may not have ended: then it has to leave by `_exit`, since drivers
    /// can hold an orderly end for ever.
    public static var hasAbandonedWork: Bool { VulkanBackend.hasAbandonedWork }

    /// Opens a backend and asks it the known questions.
    ///
    /// - Throws: ``ComputeError`` with code `unsupportedDevice` when this machine lacks what was asked for.
    public init(_ options: EngineOptions = EngineOptions()) throws {
        switch options.backend {
        case .cpu:
            try self.init(
                CPUBackend(
                    instructionSet: options.instructionSet, threads: options.threads, pins: options.pinsThreads))
        case .vulkan(let device):
            // Drivers and devices may begin to err at any time, so they are asked again and again.
            try self.init(VulkanBackend(device: device), checkInterval: AnswerWatch.usualInterval)
        case .reference: try self.init(ReferenceBackend())
        }
    }

    /// An engine on a backend that is open.
    ///
    /// - Parameter checkInterval: passes between two checks of the known answers; nil for none.
    package init(_ backend: any ComputeBackend, checkInterval: Int? = nil) throws {
        self.backend = backend
        let answers = try KnownAnswers(of: backend)
        knownAnswers = answers
        watch = AnswerWatch(expecting: answers, interval: checkInterval, variant: { backend.variant }) {
            try KnownAnswers(of: backend)
        }
        let stated = backend.description
        classReason = answers.classReason(of: stated)
        description = BackendDescription(
            backend: stated.backend, device: stated.device, instructionSet: stated.instructionSet,
            threads: stated.threads, numericClass: answers.numericClass(of: stated),
            evidence: stated.evidence, ownClass: stated.ownClass)
    }

    /// Reads a checkpoint and brings its weights onto the backend; checksums are verified and digests taken on the way.
    ///
    /// - Parameters:
    ///   - path: a hub directory or a checkpoint file.
    ///   - weights: the key of one of several models in the file.
    ///   - method: how to read it; `.automatic` goes by content.
    ///   - configuration: a `config.json`, or a directory with one, for files that carry none.
    ///   - decodes: whether the decoder is going to be run; without it, none of its weights are kept.
    ///   - progress: told after each weight how many bytes of those that are kept are on the backend; called on any thread, one
    ///     call at a time.
    /// - Throws: ``CheckpointError`` for a file that cannot be read as asked, and ``ComputeError`` with code `outOfMemory`
    ///   for weights this machine cannot hold.
    public func load(
        _ path: String, weights: String? = nil, method: LoadingChoice = .automatic, configuration: String? = nil,
        decodes: Bool = true, progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
    ) throws -> LoadedModel {
        try load(
            ModelCheckpoint.openUnverified(path, weights: weights, method: method, configuration: configuration),
            decodes: decodes, progress: progress)
    }

    /// Brings the weights of an open checkpoint onto the backend; what of it was not verified is verified on the way.
    ///
    /// Throws as ``load(_:weights:method:configuration:decodes:progress:)``.
    public func load(
        _ checkpoint: ModelCheckpoint, decodes: Bool = true,
        progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
    ) throws -> LoadedModel {
        let kept = checkpoint.layout.elementCount(of: decodes ? [.encoder, .decoder] : [.encoder])
        try MemoryNeed(weights: kept, at: checkpoint.path).check()
        return try LoadedModel(checkpoint, decodes: decodes, on: backend, watch, progress: progress)
    }
}
