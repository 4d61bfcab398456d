/// The fields of a configuration, by their names in `config.json`.
public enum ConfigurationKey: String, Sendable, Hashable, CaseIterable {
    case attentionDropout = "attention_probs_dropout_prob"
    case decoderHiddenSize = "decoder_hidden_size"
    case decoderIntermediateSize = "decoder_intermediate_size"
    case decoderHeadCount = "decoder_num_attention_heads"
    case decoderLayerCount = "decoder_num_hidden_layers"
    case hiddenActivation = "hidden_act"
    case hiddenDropout = "hidden_dropout_prob"
    case hiddenSize = "hidden_size"
    case imageSize = "image_size"
    case initializerRange = "initializer_range"
    case intermediateSize = "intermediate_size"
    case layerNormEpsilon = "layer_norm_eps"
    case maskRatio = "mask_ratio"
    case normalizesPixelLoss = "norm_pix_loss"
    case headCount = "num_attention_heads"
    case channelCount = "num_channels"
    case layerCount = "num_hidden_layers"
    case patchSize = "patch_size"
    case hasQKVBias = "qkv_bias"

    /// The field in memory, by the kind of value it takes.
    enum Storage {
        case integer(WritableKeyPath<ViTMAEConfiguration, Int>)
        case number(WritableKeyPath<ViTMAEConfiguration, Double>)
        case bool(WritableKeyPath<ViTMAEConfiguration, Bool>)
        case extent(WritableKeyPath<ViTMAEConfiguration, ImageExtent>)
        case activation(WritableKeyPath<ViTMAEConfiguration, HiddenActivation>)
    }

    var storage: Storage {
        switch self {
        case .attentionDropout: .number(\.attentionDropout)
        case .decoderHiddenSize: .integer(\.decoder.hiddenSize)
        case .decoderIntermediateSize: .integer(\.decoder.intermediateSize)
        case .decoderHeadCount: .integer(\.decoder.headCount)
        case .decoderLayerCount: .integer(\.decoder.layerCount)
        case .hiddenActivation: .activation(\.hiddenActivation)
        case .hiddenDropout: .number(\.hiddenDropout)
        case .hiddenSize: .integer(\.encoder.hiddenSize)
        case .imageSize: .extent(\.imageSize)
        case .initializerRange: .number(\.initializerRange)
        case .intermediateSize: .integer(\.encoder.intermediateSize)
        case .layerNormEpsilon: .number(\.layerNormEpsilon)
        case .maskRatio: .number(\.maskRatio)
        case .normalizesPixelLoss: .bool(\.normalizesPixelLoss)
        case .headCount: .integer(\.encoder.headCount)
        case .channelCount: .integer(\.channelCount)
        case .layerCount: .integer(\.encoder.layerCount)
        case .patchSize: .extent(\.patchSize)
        case .hasQKVBias: .bool(\.hasQKVBias)
        }
    }
}
