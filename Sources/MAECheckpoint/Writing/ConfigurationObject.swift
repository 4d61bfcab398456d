import MAEFormats

/// Writes a `ViTMAEConfig` object: its class and `__dict__`, as a release of transformers keeps it.
struct ConfigurationObject {
    let release: CheckpointWriter.Release

    /// One object, to be referred to from every module that has it.
    func pickle(_ configuration: ViTMAEConfiguration, architecture: String?) -> PickleExpression {
        var state = general
        state.append(("architectures", architecture.map { .list([.string($0)]) } ?? .none))
        state += ConfigurationKey.allCases.map { ($0.rawValue, PickleExpression(configuration[$0])) }
        return .shared(
            PickleSharedObject(
                .object(
                    PickleGlobal(
                        module: "transformers.models.vit_mae.configuration_vit_mae", name: "ViTMAEConfig"),
                    state: .dictionary(state.map { (.string($0.0), $0.1) }))))
    }

    /// What the base class keeps for every kind of model, at its defaults.
    private var general: [(String, PickleExpression)] {
        var state: [(String, PickleExpression)] = [
            ("return_dict", .bool(true)), ("dtype", .string("float32")), ("chunk_size_feed_forward", .int(0)),
            ("_name_or_path", .string("")), ("_attn_implementation_internal", .string("sdpa")),
        ]
        state.append(
            ("id2label", .dictionary([(.int(0), .string("LABEL_0")), (.int(1), .string("LABEL_1"))])))
        state.append(
            ("label2id", .dictionary([(.string("LABEL_0"), .int(0)), (.string("LABEL_1"), .int(1))])))
        for name in ["output_hidden_states", "is_encoder_decoder", "_output_attentions"] {
            state.append((name, .bool(false)))
        }
        for name in ["transformers_version", "problem_type"] { state.append((name, .none)) }
        switch release {
        case .transformers5:
            state.append(("_experts_implementation_internal", .string("eager")))
            state.append(("_post_init_done", .bool(true)))
        case .transformers4:
            state.append(("pruned_heads", .dictionary([])))
            state.append(("tie_word_embeddings", .bool(true)))
            for name in Self.falseFieldsOf4 { state.append((name, .bool(false))) }
            for name in Self.emptyFieldsOf4 { state.append((name, .none)) }
        }
        return state
    }

    private static let falseFieldsOf4 = [
        "torchscript", "is_decoder", "add_cross_attention", "tie_encoder_decoder", "tf_legacy_loss", "use_bfloat16",
    ]

    private static let emptyFieldsOf4 = [
        "cross_attention_hidden_size", "finetuning_task", "task_specific_params", "tokenizer_class", "prefix",
        "bos_token_id", "pad_token_id", "eos_token_id", "sep_token_id", "decoder_start_token_id", "_commit_hash",
    ]
}
