import MAEFormats

extension ModuleGraphBuilder {
    /// `ViTMAELayer`: one block of the encoder or decoder.
    func layer(
        _ prefix: String, _ stack: TransformerDimensions, _ configuration: PickleExpression
    ) -> PickledModuleNode {
        let width = stack.hiddenSize
        let norms = [
            ("layernorm_before", norm(prefix + "layernorm_before", width)),
            ("layernorm_after", norm(prefix + "layernorm_after", width)),
        ]
        switch release {
        case .transformers5:
            var modules = [("attention", attention5(prefix, stack, configuration))]
            modules += norms
            modules.append(("mlp", mlp5(prefix, stack, configuration)))
            modules.append(("dropout", hiddenDropout))
            return transformers("ViTMAELayer", modules: modules)
        case .transformers4:
            let first = linear(prefix + "intermediate.dense", width, stack.intermediateSize)
            let second = linear(prefix + "output.dense", stack.intermediateSize, width)
            let intermediate = transformers(
                "ViTMAEIntermediate", modules: [("dense", first), ("intermediate_act_fn", activation.module)])
            let output = transformers("ViTMAEOutput", modules: [("dense", second), ("dropout", hiddenDropout)])
            var modules = [("attention", attention4(prefix, stack, configuration))]
            modules.append(("intermediate", intermediate))
            modules.append(("output", output))
            modules += norms
            return transformers(
                "ViTMAELayer", attributes: [("chunk_size_feed_forward", .int(0)), ("seq_len_dim", .int(1))],
                modules: modules)
        }
    }

    private var hiddenDropout: PickledModuleNode { dropout(model.configuration.hiddenDropout) }

    /// Head width to the power −1/2, as Python computes it.
    private func scaling(_ stack: TransformerDimensions) -> PickleExpression {
        .float(1 / Double(stack.headWidth).squareRoot())
    }

    private func projections(
        _ prefix: String, _ stack: TransformerDimensions, names: [String]
    ) -> [(String, PickledModuleNode)] {
        zip(names, ["query", "key", "value"]).map { name, canonical in
            (name, linear(prefix + "attention.attention." + canonical, stack.hiddenSize, stack.hiddenSize))
        }
    }

    // MARK: transformers 5

    private func attention5(
        _ prefix: String, _ stack: TransformerDimensions, _ configuration: PickleExpression
    ) -> PickledModuleNode {
        let output = linear(prefix + "attention.output.dense", stack.hiddenSize, stack.hiddenSize)
        var modules = projections(prefix, stack, names: ["q_proj", "k_proj", "v_proj"])
        modules.append(("o_proj", output))
        return transformers(
            "ViTMAEAttention",
            attributes: [
                ("config", configuration), ("num_attention_heads", .int(stack.headCount)),
                ("head_dim", .int(stack.headWidth)),
                ("attention_dropout", .float(model.configuration.attentionDropout)),
                ("scaling", scaling(stack)), ("is_causal", .bool(false)),
            ],
            modules: modules)
    }

    private func mlp5(
        _ prefix: String, _ stack: TransformerDimensions, _ configuration: PickleExpression
    ) -> PickledModuleNode {
        transformers(
            "ViTMAEMLP", attributes: [("config", configuration)],
            modules: [
                ("activation_fn", activation.module),
                ("fc1", linear(prefix + "intermediate.dense", stack.hiddenSize, stack.intermediateSize)),
                ("fc2", linear(prefix + "output.dense", stack.intermediateSize, stack.hiddenSize)),
            ])
    }

    // MARK: transformers 4

    private func attention4(
        _ prefix: String, _ stack: TransformerDimensions, _ configuration: PickleExpression
    ) -> PickledModuleNode {
        let inner = transformers(
            "ViTMAESelfAttention",
            attributes: [
                ("config", configuration), ("num_attention_heads", .int(stack.headCount)),
                ("attention_head_size", .int(stack.headWidth)), ("all_head_size", .int(stack.hiddenSize)),
                ("dropout_prob", .float(model.configuration.attentionDropout)), ("scaling", scaling(stack)),
                ("is_causal", .bool(false)),
            ],
            modules: projections(prefix, stack, names: ["query", "key", "value"]))
        let output = transformers(
            "ViTMAESelfOutput",
            modules: [
                ("dense", linear(prefix + "attention.output.dense", stack.hiddenSize, stack.hiddenSize)),
                ("dropout", hiddenDropout),
            ])
        return transformers(
            "ViTMAEAttention", attributes: [("pruned_heads", .set([]))],
            modules: [("attention", inner), ("output", output)])
    }
}
