import MAETensor

/// Digests of the tokens after the embeddings and after each block of an encoder, as ``Tensor/digest()`` takes them: CLS, then
/// kept patches ascending, image by image.
///
/// That of the final layer norm is ``StageDigests/layernorm``.
public struct LayerDigests: Sendable, Hashable {
    /// After the embeddings, then after each block.
    public var states: [SHA256Digest]

    /// Collects the digests.
    public init(_ states: [SHA256Digest]) { self.states = states }

    /// The layers that the digests are of.
    public var layers: [EncoderLayer] { Array(EncoderLayer.all(blocks: states.count - 1).dropLast()) }

    /// The first layer after which these digests and others of as many layers differ; nil when none does.
    public func firstDifference(from other: LayerDigests) -> EncoderLayer? {
        zip(states, other.states).enumerated().first { $0.element.0 != $0.element.1 }
            .map { $0.offset == 0 ? .embeddings : .block($0.offset - 1) }
    }
}
