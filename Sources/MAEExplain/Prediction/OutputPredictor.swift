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
        var draw: NoiseDraw
        var kept: Int
        var order: PatchSelection.TokenOrder
    }

    /// Most bytes of results that are kept: 1 GiB.
    private static let mostResultBytes = 1 << 30
    /// Most bytes of weights that stay loaded: 2 GiB, which is six models of ViT-MAE base.
    private static let mostWeightBytes = 1 << 31

    private let engine: Engine
    private let models: [GivenModel]
    private let seed: UInt64
    private let pixels: Tensor?
    private let progress: (String) -> Void
    /// Patches of an image in each call of the script.
    private let callPatches: [Int]
    /// Models by group, the one that was used last at the end.
    private var loaded: [(group: Int, model: LoadedModel)] = []
    private var results: [Key: PredictedOutput] = [:]
    private var resultBytes = 0
    /// The generator as it is after the images were drawn, by their shape.
    private var generators: [[Int]: TorchGenerator] = [:]

    /// - Parameter calls: the index of the model that each forward call of the script runs.
    init(
        _ engine: Engine, _ models: [GivenModel], calls: [Int], _ request: ExplainRequest,
        progress: @escaping (String) -> Void
    ) {
        self.engine = engine
        self.models = models
        callPatches = calls.map { models[$0].checkpoint.configuration.values.patchCount }
        seed = request.seed
        pixels = request.pixels
        self.progress = progress
    }

    /// The output of the models of a group for the first `images` of the batch, masked by `draw`.
    ///
    /// - Throws: ``CheckpointError``, or ``ComputeError`` for what this machine cannot hold.
    func result(
        group: Int, images: Int, draw: NoiseDraw, maskRatio: Double, order: PatchSelection.TokenOrder = .ascending
    ) throws -> PredictedOutput {
        let configuration = configuration(group)
        let key = Key(
            group: group, images: images, draw: draw, kept: configuration.keptCount(maskRatio: maskRatio), order: order)
        if let known = results[key] { return known }
        let model = try model(group)
        progress("computing \(label(group)), \(draw.words), mask_ratio \(maskRatio)")
        var request = BatchRequest(
            seed: seed, pixels: pixels.map { .given($0.rows(0..<images)) } ?? .seeded(images: images),
            noise: .given(noise(images, draw, configuration)), maskRatio: maskRatio)
        request.tokenOrder = order
        let computed = try model.run(request)
        let result = PredictedOutput(
            selection: computed.selection, layernorm: computed.output.layernorm, pooled: computed.output.pooled)
        // Of many draws few are asked for again.
        if resultBytes + result.byteCount > Self.mostResultBytes { (results, resultBytes) = ([:], 0) }
        results[key] = result
        resultBytes += result.byteCount
        return result
    }

    /// The patches that a draw keeps of `images` images, `kept` of each.
    func selection(group: Int, images: Int, draw: NoiseDraw, kept: Int) -> PatchSelection {
        PatchSelection(noise: noise(images, draw, configuration(group)), keeping: kept)
    }

    /// The noise of one forward call.
    ///
    /// Each call before it drew a number for each of its own model's patches; after the last call of the script the first
    /// one comes again.
    private func noise(_ images: Int, _ draw: NoiseDraw, _ configuration: ViTMAEConfiguration) -> Tensor {
        var generator: TorchGenerator
        switch draw {
        case .call(let number):
            generator = afterImages(images, configuration)
            let patches = (0..<number).reduce(0) { $0 + callPatches[$1 % callPatches.count] }
            generator.skipUniform(count: patches * images)
        case .seed(let seed): generator = TorchGenerator(seed: seed)
        }
        return generator.rand([images, configuration.patchCount])
    }

    /// The generator after `torch.randn` of the images; images that were read from files draw nothing.
    private func afterImages(_ images: Int, _ configuration: ViTMAEConfiguration) -> TorchGenerator {
        guard pixels == nil else { return TorchGenerator(seed: seed) }
        let shape = [
            images, configuration.channelCount, configuration.imageSize.height, configuration.imageSize.width,
        ]
        if let known = generators[shape] { return known }
        var generator = TorchGenerator(seed: seed)
        _ = generator.randn(shape)
        generators[shape] = generator
        return generator
    }

    /// The model of a group, loaded.
    func model(_ group: Int) throws -> LoadedModel {
        if let position = loaded.firstIndex(where: { $0.group == group }) {
            let found = loaded.remove(at: position)
            loaded.append(found)
            return found.model
        }
        let given = given(group)
        let bytes = loaded.map { Self.bytes($0.model.checkpoint) }
        var kept = bytes.reduce(Self.bytes(given.checkpoint), +)
        while kept > Self.mostWeightBytes, !loaded.isEmpty {
            kept -= Self.bytes(loaded.removeFirst().model.checkpoint)
        }
        progress("loading \(given.label)")
        let model = try engine.load(given.checkpoint, decodes: false)
        loaded.append((group, model))
        return model
    }

    private static func bytes(_ checkpoint: ModelCheckpoint) -> Int {
        checkpoint.layout.elementCount(of: [.encoder]) * MemoryLayout<Float>.stride
    }

    /// The first model of a group.
    func given(_ group: Int) -> GivenModel {
        guard let given = models.first(where: { $0.group == group }) else {
            preconditionFailure("every group has a model")
        }
        return given
    }

    private func configuration(_ group: Int) -> ViTMAEConfiguration { given(group).checkpoint.configuration.values }

    private func label(_ group: Int) -> String { given(group).label }
}
