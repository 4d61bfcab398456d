/// The sizes of a stack of transformer blocks: of the encoder or of the decoder.
public struct TransformerDimensions: Sendable, Hashable {
    /// Width of a token: `hidden_size`.
    public var hiddenSize: Int
    /// Number of blocks: `num_hidden_layers`.
    public var layerCount: Int
    /// Attention heads a block: `num_attention_heads`.
    public var headCount: Int
    /// Width between the two MLP layers: `intermediate_size`.
    public var intermediateSize: Int

    /// The sizes of a stack.
    public init(hiddenSize: Int, layerCount: Int, headCount: Int, intermediateSize: Int) {
        self.hiddenSize = hiddenSize
        self.layerCount = layerCount
        self.headCount = headCount
        self.intermediateSize = intermediateSize
    }

    /// Width of one attention head.
    public var headWidth: Int { hiddenSize / headCount }
}
