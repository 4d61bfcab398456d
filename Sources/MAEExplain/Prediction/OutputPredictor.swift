import MAECheckpoint
import MAEEngine
import MAEModel
import MAETensor
import TorchRandom

/// Computes what models put out, each only once: models with equal encoders share their results.
final class OutputPredictor {
    /// What decides an output.
    private struct Key: Hashable {
        var group: Int
        var images: Int
        var draw: Int
        var kept: Int
        var order: PatchSelection.TokenOrder
    }

    /// Most results that are kept: each has its images too.
    private static let mostResults = 64

    private let engine: Engine
    private let models: [GivenModel]
    private let seed: UInt64
    private let pixels: Tensor?
    private let progress: (String) -> Void
    private var loaded: [Int: LoadedModel] = [:]
    private var results: [Key: BatchResult] = [:]

    init(_ engine: Engine, _ models: [GivenModel], _ request: ExplainRequest, progress: @escaping (String) -> Void) {
        self.engine = engine
        self.models = models
        seed = request.seed
        pixels = request.pixels
        self.progress = progress
    }

    /// The output of the models of a group for the first `images` of the batch, masked by `torch.rand`'s call number `draw`.
    ///
    /// - Throws: ``CheckpointError``, or ``ComputeError`` for what this machine cannot hold.
    func result(
        group: Int, images: Int, draw: Int, maskRatio: Double, order: PatchSelection.TokenOrder = .ascending
    ) throws -> BatchResult {
        let model = try model(group)
        let configuration = model.model.configuration
        let key = Key(
            group: group, images: images, draw: draw, kept: configuration.keptCount(maskRatio: maskRatio), order: order)
        if let known = results[key] { return known }
        progress("computing \(label(group)), draw \(draw), mask_ratio \(maskRatio)")
        var request = BatchRequest(
            seed: seed, pixels: pixels.map { .given($0.rows(0..<images)) } ?? .seeded(images: images),
            noise: noise(images, draw, configuration), maskRatio: maskRatio)
        request.tokenOrder = order
        let result = try model.run(request)
        // Of many draws few are asked for again.
        if results.count >= Self.mostResults { results.removeAll() }
        results[key] = result
        return result
    }

    /// The patches that draw number `draw` keeps of `images` images, `kept` of each.
    func selection(group: Int, images: Int, draw: Int, kept: Int) throws -> PatchSelection {
        let configuration = try model(group).model.configuration
        guard case .given(let noise) = noise(images, draw, configuration) else {
            let input = BatchInput.seeded(seed, images: images, noiseDraw: draw, for: configuration)
            return PatchSelection(noise: input.noise, keeping: kept)
        }
        return PatchSelection(noise: noise, keeping: kept)
    }

    /// The noise of one forward call: after images that were read from files, nothing else was drawn before the first.
    private func noise(_ images: Int, _ draw: Int, _ configuration: ViTMAEConfiguration) -> BatchRequest.Noise {
        guard pixels != nil else { return .drawn(index: draw) }
        var generator = TorchGenerator(seed: seed)
        generator.skipUniform(count: draw * images * configuration.patchCount)
        return .given(generator.rand([images, configuration.patchCount]))
    }

    private func model(_ group: Int) throws -> LoadedModel {
        if let model = loaded[group] { return model }
        guard let given = models.first(where: { $0.group == group }) else {
            preconditionFailure("every group has a model")
        }
        progress("loading \(given.label)")
        let model = try engine.load(given.checkpoint)
        loaded[group] = model
        return model
    }

    private func label(_ group: Int) -> String { models.first { $0.group == group }?.label ?? "" }
}
