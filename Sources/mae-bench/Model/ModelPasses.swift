import MAECheckpoint
import MAECompute
import MAEEngine
import MAEModel

/// The forward passes that are timed: one model, one batch.
struct ModelPasses {
    /// What a pass computes.
    let work: ModelWork
    private let model: ViTMAEModel
    private let input: BatchInput
    private let selection: PatchSelection

    /// Makes a model of harmless weights and a seeded batch, unless the machine cannot hold them.
    init(
        preset: ViTMAEConfiguration.Preset, batch: BatchArguments, withDecoder: Bool, on backend: some ComputeBackend
    ) throws {
        let configuration = ViTMAEConfiguration(preset: preset)
        try MemoryNeed(weights: ParameterLayout(configuration).elementCount, at: "\(preset)").check()
        model = try ViTMAEModel(randomly: configuration, withDecoder: withDecoder, on: backend)
        let kept = configuration.keptCount(maskRatio: batch.maskRatio)
        try MemoryNeed(
            images: batch.batchSize, kept: kept, decodes: withDecoder, imagesPerPass: batch.batchSize, of: model
        ).check()
        input = BatchInput.seeded(42, images: batch.batchSize, for: configuration)
        selection = PatchSelection(noise: input.noise, keeping: kept)
        work = ModelWork(configuration, images: batch.batchSize, kept: selection.kept)
    }

    /// Whether ``full()`` can run.
    var hasDecoder: Bool { model.hasDecoder }

    /// Runs the encoder once.
    func encoder(control: RunControl = RunControl()) throws {
        _ = try model.forward(images: input.images, selection: selection, control: control)
    }

    /// Runs the encoder once and takes the digests after its layers, as a worker does for every result.
    func encoderWithDigests() throws {
        let layers = try LayerDigester()
        defer { layers.end() }
        _ = try model.forward(
            images: input.images, selection: selection, control: layers.observing(RunControl()))
        _ = layers.digests()
    }

    /// Runs encoder and decoder once.
    func full() throws { _ = try output() }

    /// What encoder and decoder give.
    func output() throws -> ViTMAEModel.Output {
        try model.forward(images: input.images, selection: selection, decodes: true)
    }

    /// The operations of ``encoder()``, or of ``full()`` where `decodes` says so.
    func operations(decodes: Bool) -> [OperationWork] {
        let program = model.program(images: selection.images, kept: selection.kept, decodes: decodes)
        return program.operations.map { OperationWork($0, of: program) }
    }

    /// Runs a pass and tells `times` of each operation.
    func pass(decodes: Bool, _ times: StepTimes) throws {
        _ = try model.forward(
            images: input.images, selection: selection, decodes: decodes, control: times.control())
    }
}
