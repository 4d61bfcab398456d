/// The parameters of a ViT-MAE: their names, shapes and order.
///
/// The names are the *canonical* ones of this program: those of transformers 4.57 in memory and on disk, which every
/// version reads. The order is that of its `state_dict()`.
public struct ParameterLayout: Sendable, Hashable {
    /// The two halves of the model, which a file may hold separately.
    public enum Part: Sendable, Hashable, CaseIterable {
        case encoder, decoder
    }

    /// What a parameter is for, which decides how a fresh one is drawn.
    public enum Role: Sendable, Hashable {
        /// Matrix of a linear layer or kernel of the patch projection.
        case weight
        /// Bias of a linear layer, of the patch projection or of a layer norm.
        case bias
        /// Scale of a layer norm.
        case normScale
        /// `cls_token` or `mask_token`.
        case token
        /// The fixed position embeddings.
        case positionEmbedding
    }

    /// One parameter.
    public struct Parameter: Sendable, Hashable {
        /// Canonical name, such as `vit.layernorm.weight`.
        public let name: String
        /// Extent of each dimension, as PyTorch stores it: (out, in) for a linear layer.
        public let shape: [Int]
        /// The half of the model it belongs to.
        public let part: Part
        /// What it is for.
        public let role: Role

        /// Number of elements.
        public var count: Int { shape.reduce(1, *) }
    }

    /// The parameters, in the order of the `state_dict()` of transformers 4.57.
    public let parameters: [Parameter]

    /// Lists the parameters of a model of a valid configuration.
    ///
    /// Without the decoder these are the parameters of `ViTMAEModel`, still under their names with `vit.`.
    public init(_ configuration: ViTMAEConfiguration, parts: Set<Part> = Set(Part.allCases)) {
        var builder = LayoutBuilder(configuration: configuration)
        if parts.contains(.encoder) { builder.appendEncoder() }
        if parts.contains(.decoder) { builder.appendDecoder() }
        parameters = builder.parameters
    }

    /// Number of elements of all parameters.
    public var elementCount: Int { parameters.reduce(0) { $0 + $1.count } }

    /// Number of elements of the parameters of `parts`.
    public func elementCount(of parts: Set<Part>) -> Int {
        parameters.reduce(0) { $0 + (parts.contains($1.part) ? $1.count : 0) }
    }

    /// The parameters of one half.
    public func parameters(of part: Part) -> [Parameter] { parameters.filter { $0.part == part } }

    /// Prefix of the canonical names of an encoder block.
    public static func encoderLayerPrefix(_ index: Int) -> String { "vit.encoder.layer.\(index)." }

    /// Prefix of the canonical names of a decoder block.
    public static func decoderLayerPrefix(_ index: Int) -> String { "decoder.decoder_layers.\(index)." }
}

extension ParameterLayout.Part {
    /// Prefix of the canonical names of a block of this part.
    func layerPrefix(_ index: Int) -> String {
        switch self {
        case .encoder: ParameterLayout.encoderLayerPrefix(index)
        case .decoder: ParameterLayout.decoderLayerPrefix(index)
        }
    }
}

/// Lists parameters in order.
private struct LayoutBuilder {
    let configuration: ViTMAEConfiguration
    var parameters: [ParameterLayout.Parameter] = []

    private mutating func append(
        _ name: String, _ shape: [Int], _ part: ParameterLayout.Part, _ role: ParameterLayout.Role
    ) {
        parameters.append(.init(name: name, shape: shape, part: part, role: role))
    }

    private mutating func appendLinear(
        _ name: String, from input: Int, to output: Int, hasBias: Bool = true, _ part: ParameterLayout.Part
    ) {
        append(name + ".weight", [output, input], part, .weight)
        if hasBias { append(name + ".bias", [output], part, .bias) }
    }

    private mutating func appendNorm(_ name: String, _ width: Int, _ part: ParameterLayout.Part) {
        append(name + ".weight", [width], part, .normScale)
        append(name + ".bias", [width], part, .bias)
    }

    private mutating func appendLayer(
        _ prefix: String, _ stack: TransformerDimensions, _ part: ParameterLayout.Part
    ) {
        let width = stack.hiddenSize
        for projection in ["query", "key", "value"] {
            appendLinear(
                prefix + "attention.attention." + projection, from: width, to: width,
                hasBias: configuration.hasQKVBias, part)
        }
        appendLinear(prefix + "attention.output.dense", from: width, to: width, part)
        appendLinear(prefix + "intermediate.dense", from: width, to: stack.intermediateSize, part)
        appendLinear(prefix + "output.dense", from: stack.intermediateSize, to: width, part)
        appendNorm(prefix + "layernorm_before", width, part)
        appendNorm(prefix + "layernorm_after", width, part)
    }

    mutating func appendEncoder() {
        let width = configuration.encoder.hiddenSize
        let patch = configuration.patchSize
        append("vit.embeddings.cls_token", [1, 1, width], .encoder, .token)
        append(
            "vit.embeddings.position_embeddings", [1, configuration.patchCount + 1, width], .encoder, .positionEmbedding
        )
        append(
            "vit.embeddings.patch_embeddings.projection.weight",
            [width, configuration.channelCount, patch.height, patch.width], .encoder, .weight)
        append("vit.embeddings.patch_embeddings.projection.bias", [width], .encoder, .bias)
        for index in 0..<configuration.encoder.layerCount {
            appendLayer(ParameterLayout.encoderLayerPrefix(index), configuration.encoder, .encoder)
        }
        appendNorm("vit.layernorm", width, .encoder)
    }

    mutating func appendDecoder() {
        let width = configuration.decoder.hiddenSize
        append("decoder.mask_token", [1, 1, width], .decoder, .token)
        append("decoder.decoder_pos_embed", [1, configuration.patchCount + 1, width], .decoder, .positionEmbedding)
        appendLinear("decoder.decoder_embed", from: configuration.encoder.hiddenSize, to: width, .decoder)
        for index in 0..<configuration.decoder.layerCount {
            appendLayer(ParameterLayout.decoderLayerPrefix(index), configuration.decoder, .decoder)
        }
        appendNorm("decoder.decoder_norm", width, .decoder)
        appendLinear("decoder.decoder_pred", from: width, to: configuration.patchValueCount, .decoder)
    }
}
