import MAECheckpoint
import MAECompute
import MAEModel
import MAETensor
import Synchronization

/// A checkpoint on one of the two backends that are compared.
struct ComparedModel {
    /// The checkpoint's configuration.
    let configuration: ViTMAEConfiguration
    /// What computes.
    let description: BackendDescription
    private let model: ViTMAEModel
    private let backend: FollowedBackend

    /// Reads the checkpoint that `text` names, verified, onto `backend`.
    init(_ text: String, config: String?, on backend: any ComputeBackend) throws {
        let reference = CheckpointReference(text)
        let checkpoint = try ModelCheckpoint.openUnverified(
            reference.path, weights: reference.weights, configuration: config)
        let followed = FollowedBackend(backend)
        configuration = checkpoint.configuration.values
        model = try ViTMAEModel(
            configuration, withDecoder: checkpoint.hasDecoder, on: followed,
            weight: CheckpointWeights(checkpoint).weight)
        try checkpoint.verifyChecksums()
        description = backend.description
        self.backend = followed
    }

    /// Whether the checkpoint has a decoder.
    var hasDecoder: Bool { model.hasDecoder }

    /// The operations of the latest pass.
    var places: [OperationPlace] { backend.places }

    /// A pass without a look inside, as users run it.
    func pass(_ batch: ComparedBatch) throws -> ViTMAEModel.Output {
        try forward(batch, RunControl())
    }

    /// The digests after each operation of a pass that is looked into.
    func digests(_ batch: ComparedBatch) throws -> [SHA256Digest] {
        let digests = Mutex<[SHA256Digest]>([])
        _ = try forward(
            batch, RunControl(observer: { _, value in digests.withLock { $0.append(value.digest()) } }))
        return digests.withLock(\.self)
    }

    /// What operation number `index`, from 0, gives in a pass that is looked into.
    func value(after index: Int, _ batch: ComparedBatch) throws -> Tensor? {
        let state = Mutex<(next: Int, value: Tensor?)>((0, nil))
        _ = try forward(
            batch,
            RunControl(observer: { _, value in
                state.withLock { state in
                    if state.next == index { state.value = value }
                    state.next += 1
                }
            }))
        return state.withLock(\.value)
    }

    private func forward(_ batch: ComparedBatch, _ control: RunControl) throws -> ViTMAEModel.Output {
        try model.forward(
            images: batch.input.images, selection: batch.selection, decodes: batch.decodes, control: control)
    }
}

/// The batch that both backends compute.
struct ComparedBatch {
    /// Pixels and noise.
    let input: BatchInput
    /// The patches kept.
    let selection: PatchSelection
    /// Whether the decoder runs.
    let decodes: Bool

    /// A seeded batch for a model.
    init(_ configuration: ViTMAEConfiguration, seed: UInt64, _ arguments: BatchArguments, decodes: Bool) {
        input = BatchInput.seeded(seed, images: arguments.batchSize, for: configuration)
        selection = PatchSelection(
            noise: input.noise, keeping: configuration.keptCount(maskRatio: arguments.maskRatio))
        self.decodes = decodes
    }
}
