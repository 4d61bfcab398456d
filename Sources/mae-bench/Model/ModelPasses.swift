import MAECheckpoint
import MAECompute
import MAEModel

/// The forward passes that are timed: one model, one batch.
struct ModelPasses {
    /// What a pass computes.
    let work: ModelWork
    private let model: ViTMAEModel
    private let input: BatchInput
    private let selection: PatchSelection

    /// Makes a model of harmless weights and a seeded batch.
    init(
        preset: ViTMAEConfiguration.Preset, batch: BatchArguments, withDecoder: Bool, on backend: some ComputeBackend
    ) throws {
        let configuration = ViTMAEConfiguration(preset: preset)
        input = BatchInput.seeded(42, images: batch.batchSize, for: configuration)
        selection = PatchSelection(
            noise: input.noise, keeping: configuration.keptCount(maskRatio: batch.maskRatio))
        model = try ViTMAEModel(randomly: configuration, withDecoder: withDecoder, on: backend)
        work = ModelWork(configuration, images: batch.batchSize, kept: selection.kept)
    }

    /// Whether ``full()`` can run.
    var hasDecoder: Bool { model.hasDecoder }

    /// Runs the encoder once.
    func encoder() throws {
        _ = try model.forward(images: input.images, selection: selection)
    }

    /// Runs encoder and decoder once.
    func full() throws {
        _ = try model.forward(images: input.images, selection: selection, decodes: true)
    }
}
