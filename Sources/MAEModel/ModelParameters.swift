import MAECheckpoint
import MAECompute

/// The weights of a ViT-MAE, bound from names in a checkpoint to the places programs refer to.
struct ModelParameters {
    /// Weights of one transformer block.
    struct Block {
        let normBefore: LayerNormID
        let qkv: LinearID
        let attentionOutput: LinearID
        let normAfter: LayerNormID
        let intermediate: LinearID
        let output: LinearID
    }

    /// Weights of the encoder.
    struct Encoder {
        let patchProjection: LinearID
        let classToken: VectorID
        let positions: VectorID
        let blocks: [Block]
        let norm: LayerNormID
    }

    /// Weights of the decoder.
    struct Decoder {
        let embed: LinearID
        let maskToken: VectorID
        let positions: VectorID
        let blocks: [Block]
        let norm: LayerNormID
        let prediction: LinearID
    }

    private(set) var set = ParameterSet()
    let encoder: Encoder
    /// Nil for a checkpoint that holds the encoder alone.
    let decoder: Decoder?

    /// Asks for every weight by its canonical name, each of the shape the layout states; none is read yet.
    ///
    /// Those with the names `readingAlong` are in the set too, though no program uses them.
    init(
        _ configuration: ViTMAEConfiguration, withDecoder: Bool, readingAlong: [String] = [],
        weight: @escaping (String) throws -> Weight
    ) throws {
        var binder = Binder(set: ParameterSet(), weight: weight)
        let embeddings = "vit.embeddings"
        encoder = Encoder(
            patchProjection: try binder.linear("\(embeddings).patch_embeddings.projection"),
            classToken: try binder.vector("\(embeddings).cls_token"),
            positions: try binder.vector("\(embeddings).position_embeddings"),
            blocks: try (0..<configuration.encoder.layerCount).map {
                try binder.block("vit.encoder.layer.\($0)", qkvBias: configuration.hasQKVBias)
            },
            norm: try binder.layerNorm("vit.layernorm"))
        decoder =
            withDecoder
            ? Decoder(
                embed: try binder.linear("decoder.decoder_embed"),
                maskToken: try binder.vector("decoder.mask_token"),
                positions: try binder.vector("decoder.decoder_pos_embed"),
                blocks: try (0..<configuration.decoder.layerCount).map {
                    try binder.block("decoder.decoder_layers.\($0)", qkvBias: configuration.hasQKVBias)
                },
                norm: try binder.layerNorm("decoder.decoder_norm"),
                prediction: try binder.linear("decoder.decoder_pred")) : nil
        for name in readingAlong { binder.set.addReadAlong(try weight(name)) }
        set = binder.set
    }
}

/// Adds weights to a set as it fetches them.
private struct Binder {
    var set: ParameterSet
    let weight: (String) throws -> Weight

    mutating func linear(_ name: String) throws -> LinearID {
        set.add(LinearParameters(weights: [try weight("\(name).weight")], biases: [try weight("\(name).bias")]))
    }

    mutating func layerNorm(_ name: String) throws -> LayerNormID {
        set.add(LayerNormParameters(scale: try weight("\(name).weight"), shift: try weight("\(name).bias")))
    }

    mutating func vector(_ name: String) throws -> VectorID { set.add(try weight(name)) }

    mutating func block(_ name: String, qkvBias: Bool) throws -> ModelParameters.Block {
        let projections = ["query", "key", "value"].map { "\(name).attention.attention.\($0)" }
        let qkv = LinearParameters(
            weights: try projections.map { try weight("\($0).weight") },
            biases: try projections.map { qkvBias ? try weight("\($0).bias") : nil })
        return ModelParameters.Block(
            normBefore: try layerNorm("\(name).layernorm_before"),
            qkv: set.add(qkv),
            attentionOutput: try linear("\(name).attention.output.dense"),
            normAfter: try layerNorm("\(name).layernorm_after"),
            intermediate: try linear("\(name).intermediate.dense"),
            output: try linear("\(name).output.dense"))
    }
}
