import MAEFormats

/// Reads a configuration off the shapes of the weights, where nothing else says it.
struct ConfigurationInference {
    private let path: String
    private let shapes: [String: [Int]]
    private let stated: [ConfigurationKey: StatedValues.Statement]

    /// Prepares to read the shapes of recognized parameters, by canonical name, and what the file states of the configuration.
    init(shapes: [String: [Int]], stated: [ConfigurationKey: StatedValues.Statement] = [:], path: String) {
        self.shapes = shapes
        self.stated = stated
        self.path = path
    }

    /// The configuration that fits the shapes.
    ///
    /// Shapes give widths, layers, patches and channels. They don't give the number of heads, which is that of a known
    /// size or of heads as wide as published models have, nor whether the image is square, which is assumed. Throws
    /// ``CheckpointError/Code/missing`` when a parameter that is needed is missing or no guess is possible.
    func configuration(dialect: ParameterDialect?) throws(CheckpointError) -> TracedConfiguration {
        var traced = TracedConfiguration()
        try readEncoder(into: &traced)
        if shapes.keys.contains(where: { $0.hasPrefix("decoder.") }) { try readDecoder(into: &traced) }
        try guessHeads(of: &traced)
        if dialect == .original {
            traced.origins[.layerNormEpsilon] = .guess(
                "the 1e-12 that transformers uses for such files; facebookresearch/mae itself trains with 1e-6")
        }
        try traced.values.validate(path: path)
        return traced
    }

    private func readEncoder(into traced: inout TracedConfiguration) throws(CheckpointError) {
        let projection = try shape(of: "vit.embeddings.patch_embeddings.projection.weight", rank: 4)
        let positions = try shape(of: "vit.embeddings.position_embeddings", rank: 3)
        traced.values.encoder.hiddenSize = projection[0]
        traced.values.channelCount = projection[1]
        traced.values.patchSize = ImageExtent(height: projection[2], width: projection[3])
        traced.values.encoder.layerCount = layerCount(ParameterLayout.encoderLayerPrefix)
        if traced.values.encoder.layerCount > 0 {
            let prefix = ParameterLayout.encoderLayerPrefix(0)
            traced.values.encoder.intermediateSize = try shape(of: prefix + "intermediate.dense.weight", rank: 2)[0]
            traced.values.hasQKVBias = shapes.keys.contains { $0.hasSuffix(".attention.attention.query.bias") }
        }
        let patches = positions[1] - 1
        let side = patches > 0 ? Int(Double(patches).squareRoot()) : 0
        guard side > 0, side * side == patches, side <= ViTMAEConfiguration.Limit.imageSide,
            max(projection[2], projection[3]) <= ViTMAEConfiguration.Limit.imageSide
        else {
            throw undecided("\(positions[1]) position embeddings are no square of patches and a class token")
        }
        traced.values.imageSize = ImageExtent(height: side * projection[2], width: side * projection[3])
        for field: ConfigurationKey in [
            .hiddenSize, .channelCount, .patchSize, .layerCount, .intermediateSize, .hasQKVBias,
        ] { traced.origins[field] = .shapes }
        traced.origins[.imageSize] = .guess("a square of the \(patches) patches that have position embeddings")
    }

    private func readDecoder(into traced: inout TracedConfiguration) throws(CheckpointError) {
        traced.values.decoder.hiddenSize = try shape(of: "decoder.decoder_embed.weight", rank: 2)[0]
        traced.values.decoder.layerCount = layerCount(ParameterLayout.decoderLayerPrefix)
        if traced.values.decoder.layerCount > 0 {
            traced.values.decoder.intermediateSize =
                try shape(of: ParameterLayout.decoderLayerPrefix(0) + "intermediate.dense.weight", rank: 2)[0]
        }
        for field: ConfigurationKey in [.decoderHiddenSize, .decoderLayerCount, .decoderIntermediateSize] {
            traced.origins[field] = .shapes
        }
    }

    private func guessHeads(of traced: inout TracedConfiguration) throws(CheckpointError) {
        let presets = ViTMAEConfiguration.Preset.allCases
        let encoder = try heads(
            of: traced.values.encoder, "encoder", .headCount, headWidth: 64,
            known: presets.map { ($0.rawValue, ViTMAEConfiguration(preset: $0).encoder) })
        traced.values.encoder.headCount = encoder.count
        traced.origins[.headCount] = encoder.origin
        guard traced.origins[.decoderHiddenSize] == .shapes else { return }
        let decoder = try heads(
            of: traced.values.decoder, "decoder", .decoderHeadCount, headWidth: 32,
            known: presets.map { ($0.rawValue, ViTMAEConfiguration(preset: $0).decoder) })
        traced.values.decoder.headCount = decoder.count
        traced.origins[.decoderHeadCount] = decoder.origin
    }

    private func heads(
        of stack: TransformerDimensions, _ name: String, _ field: ConfigurationKey, headWidth: Int,
        known: [(name: String, dimensions: TransformerDimensions)]
    ) throws(CheckpointError) -> (count: Int, origin: TracedOrigin) {
        if let statement = stated[field], let count = statement.value.int, count > 0, stack.hiddenSize % count == 0 {
            return (count, .stated(path: path, place: statement.place))
        }
        let match = known.first { known in
            var dimensions = stack
            dimensions.headCount = known.dimensions.headCount
            return dimensions == known.dimensions
        }
        if let match {
            return (match.dimensions.headCount, .guess("the \(name) has the sizes of the \(match.name) model"))
        }
        guard stack.hiddenSize > 0, stack.hiddenSize % headWidth == 0 else {
            throw undecided("the number of heads of the \(name) cannot be seen from weights \(stack.hiddenSize) wide")
        }
        return (stack.hiddenSize / headWidth, .guess("heads \(headWidth) wide, as in the published models"))
    }

    private func layerCount(_ prefix: (Int) -> String) -> Int {
        let indices = shapes.keys.compactMap { name in
            LayerName(canonical: name).flatMap { name.hasPrefix(prefix($0.index)) ? $0.index : nil }
        }
        return indices.max().map { $0 + 1 } ?? 0
    }

    private func shape(of name: String, rank: Int) throws(CheckpointError) -> [Int] {
        guard let shape = shapes[name] else {
            throw CheckpointError(
                .missing, path: path, place: name,
                "the parameter is not in the file, and no configuration says its size. Save the whole state dict.")
        }
        guard shape.count == rank else {
            throw CheckpointError(
                .contradiction, path: path, place: name,
                "has shape \(shape); it must have \(rank) dimensions. The file is no ViT-MAE, or damaged.")
        }
        return shape
    }

    private func undecided(_ message: String) -> CheckpointError {
        CheckpointError(
            .missing, path: path,
            message
                + ", and a state dict holds no configuration. Name one with --config (a config.json or its directory).")
    }
}
