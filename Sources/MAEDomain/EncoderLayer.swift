/// A layer of the encoder, in the order of computation.
public enum EncoderLayer: Sendable, Hashable, Comparable {
    /// Patch projection, CLS and position embeddings.
    case embeddings
    /// The transformer block with this index, from 0.
    case block(Int)
    /// The layer norm after the last block, and the mean over its tokens.
    case finalNorm

    /// The layers of an encoder with this many blocks.
    public static func all(blocks: Int) -> [EncoderLayer] {
        [.embeddings] + (0..<blocks).map(EncoderLayer.block) + [.finalNorm]
    }

    /// The name that transformers' ViT-MAE has for it up to version 4: `vit.encoder.layer.3`.
    public var name: String {
        switch self {
        case .embeddings: "vit.embeddings"
        case .block(let index): "vit.encoder.layer.\(index)"
        case .finalNorm: "vit.layernorm"
        }
    }

    /// The layer of this name; nil when no layer has it.
    public init?(name: String) {
        let block = "vit.encoder.layer."
        switch name {
        case EncoderLayer.embeddings.name: self = .embeddings
        case EncoderLayer.finalNorm.name: self = .finalNorm
        default:
            guard name.hasPrefix(block), let index = Int(name.dropFirst(block.count)), index >= 0,
                name == EncoderLayer.block(index).name
            else { return nil }
            self = .block(index)
        }
    }
}
