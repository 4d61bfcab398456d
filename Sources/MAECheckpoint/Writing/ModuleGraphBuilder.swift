import MAEFormats

/// Builds the modules of a ViT-MAE, from the leaves up.
struct ModuleGraphBuilder {
    let model: ModelWeights
    let release: CheckpointWriter.Release
    let activation: ActivationModule
    /// The one configuration object that all modules outside the decoder share.
    private let configuration: PickleExpression
    /// The decoder's copy, with the decoder's sizes in place of the encoder's.
    private let decoderConfiguration: PickleExpression
    private let parameters: [String: ParameterLayout.Parameter]

    private static let modelingModule = "transformers.models.vit_mae.modeling_vit_mae"

    init(model: ModelWeights, release: CheckpointWriter.Release, activation: ActivationModule) {
        self.model = model
        self.release = release
        self.activation = activation
        parameters = Dictionary(uniqueKeysWithValues: model.layout.parameters.map { ($0.name, $0) })
        let objects = ConfigurationObject(release: release)
        configuration = objects.pickle(model.configuration, architecture: model.architecture)
        var decoder = model.configuration
        decoder.encoder = decoder.decoder
        decoderConfiguration = objects.pickle(decoder, architecture: nil)
    }

    private var settings: ViTMAEConfiguration { model.configuration }

    // MARK: The model

    /// `ViTMAEForPreTraining`.
    var preTraining: PickledModuleNode {
        PickledModuleNode(
            Self.modelingModule, "ViTMAEForPreTraining", attributes: modelAttributes,
            modules: [("vit", encoder), ("decoder", decoder)])
    }

    /// `ViTMAEModel`.
    var encoder: PickledModuleNode {
        let layers = (0..<settings.encoder.layerCount).map {
            layer(ParameterLayout.encoderLayerPrefix($0), settings.encoder, configuration)
        }
        let stack: (String, PickledModuleNode) =
            switch release {
            case .transformers5: ("layers", list(layers))
            case .transformers4:
                (
                    "encoder",
                    PickledModuleNode(
                        Self.modelingModule, "ViTMAEEncoder",
                        attributes: [("config", configuration), ("gradient_checkpointing", .bool(false))],
                        modules: [("layer", list(layers))])
                )
            }
        return PickledModuleNode(
            Self.modelingModule, "ViTMAEModel", attributes: modelAttributes,
            modules: [
                ("embeddings", embeddings), stack, ("layernorm", norm("vit.layernorm", settings.encoder.hiddenSize)),
            ])
    }

    /// What `PreTrainedModel.__init__` and `post_init` set.
    private var modelAttributes: [(String, PickleExpression)] {
        var attributes: [(String, PickleExpression)] = [
            ("config", configuration), ("name_or_path", .string("")), ("loss_type", .none),
        ]
        for name in ["_tp_plan", "_ep_plan", "_pp_plan"] { attributes.append((name, .dictionary([]))) }
        switch release {
        case .transformers5:
            attributes.append(("kernel_config", .none))
            for name in ["_fsdp_plan", "all_tied_weights_keys"] { attributes.append((name, .dictionary([]))) }
            for name in Self.setNames { attributes.append((name, .set([]))) }
        case .transformers4:
            attributes.append(("warnings_issued", .dictionary([])))
            attributes.append(("_no_split_modules", .list([])))
            for name in ["generation_config", "_keep_in_fp32_modules", "_keep_in_fp32_modules_strict"] {
                attributes.append((name, .none))
            }
        }
        return attributes
    }

    private static let setNames = [
        "_keep_in_fp32_modules", "_keep_in_fp32_modules_strict", "_no_split_modules", "_skip_keys_device_placement",
        "_keys_to_ignore_on_load_unexpected", "_keys_to_ignore_on_load_missing", "_keys_to_ignore_on_save",
    ]

    private var embeddings: PickledModuleNode {
        let patch = settings.patchSize
        let imagePair: PickleExpression = pair(settings.imageSize.height, settings.imageSize.width)
        let patchPair: PickleExpression = pair(patch.height, patch.width)
        let projection = "vit.embeddings.patch_embeddings.projection"
        let convolution = PickledModuleNode(
            "torch.nn.modules.conv", "Conv2d",
            attributes: [
                ("in_channels", .int(settings.channelCount)), ("out_channels", .int(settings.encoder.hiddenSize)),
                ("kernel_size", patchPair), ("stride", patchPair), ("padding", pair(0, 0)), ("dilation", pair(1, 1)),
                ("transposed", .bool(false)), ("output_padding", pair(0, 0)), ("groups", .int(1)),
                ("padding_mode", .string("zeros")),
                ("_reversed_padding_repeated_twice", .tuple([.int(0), .int(0), .int(0), .int(0)])),
            ],
            parameters: [("weight", parameter(projection + ".weight")), ("bias", parameter(projection + ".bias"))])
        let patches = PickledModuleNode(
            Self.modelingModule, "ViTMAEPatchEmbeddings",
            attributes: [
                ("image_size", imagePair), ("patch_size", patchPair), ("num_channels", .int(settings.channelCount)),
                ("num_patches", .int(settings.patchCount)),
            ],
            modules: [("projection", convolution)])
        let ofRelease: (String, PickleExpression) =
            switch release {
            case .transformers5: ("image_size", imagePair)
            case .transformers4: ("num_patches", .int(settings.patchCount))
            }
        return PickledModuleNode(
            Self.modelingModule, "ViTMAEEmbeddings",
            attributes: [ofRelease, ("patch_size", .int(patch.height)), ("config", configuration)],
            parameters: [
                ("cls_token", parameter("vit.embeddings.cls_token")),
                ("position_embeddings", parameter("vit.embeddings.position_embeddings")),
            ],
            modules: [("patch_embeddings", patches)])
    }

    private var decoder: PickledModuleNode {
        let layers = (0..<settings.decoder.layerCount).map {
            layer(ParameterLayout.decoderLayerPrefix($0), settings.decoder, decoderConfiguration)
        }
        let width = settings.decoder.hiddenSize
        return PickledModuleNode(
            Self.modelingModule, "ViTMAEDecoder",
            attributes: [("gradient_checkpointing", .bool(false)), ("config", decoderConfiguration)],
            parameters: [
                ("mask_token", parameter("decoder.mask_token")),
                ("decoder_pos_embed", parameter("decoder.decoder_pos_embed")),
            ],
            modules: [
                ("decoder_embed", linear("decoder.decoder_embed", settings.encoder.hiddenSize, width)),
                ("decoder_layers", list(layers)),
                ("decoder_norm", norm("decoder.decoder_norm", width)),
                ("decoder_pred", linear("decoder.decoder_pred", width, settings.patchValueCount)),
            ])
    }

    // MARK: Leaves

    /// A parameter by its canonical name; absent biases are `None`, as in PyTorch.
    func parameter(_ name: String) -> PickleExpression {
        guard let parameter = parameters[name] else { return .none }
        return .tensor(
            PickledTensor(
                model.tensor(of: parameter), isParameter: true,
                requiresGradient: parameter.role != .positionEmbedding))
    }

    func linear(_ name: String, _ input: Int, _ output: Int) -> PickledModuleNode {
        PickledModuleNode(
            "torch.nn.modules.linear", "Linear",
            attributes: [("in_features", .int(input)), ("out_features", .int(output))],
            parameters: [("weight", parameter(name + ".weight")), ("bias", parameter(name + ".bias"))])
    }

    func norm(_ name: String, _ width: Int) -> PickledModuleNode {
        PickledModuleNode(
            "torch.nn.modules.normalization", "LayerNorm",
            attributes: [
                ("normalized_shape", .tuple([.int(width)])), ("eps", .float(settings.layerNormEpsilon)),
                ("elementwise_affine", .bool(true)),
            ],
            parameters: [("weight", parameter(name + ".weight")), ("bias", parameter(name + ".bias"))])
    }

    func dropout(_ probability: Double) -> PickledModuleNode {
        PickledModuleNode(
            "torch.nn.modules.dropout", "Dropout", attributes: [("p", .float(probability)), ("inplace", .bool(false))])
    }

    func transformers(
        _ name: String, attributes: [(String, PickleExpression)] = [], modules: [(String, PickledModuleNode)]
    ) -> PickledModuleNode {
        PickledModuleNode(Self.modelingModule, name, attributes: attributes, modules: modules)
    }

    private func list(_ modules: [PickledModuleNode]) -> PickledModuleNode {
        PickledModuleNode(
            "torch.nn.modules.container", "ModuleList",
            modules: modules.enumerated().map { (String($0.offset), $0.element) })
    }

    private func pair(_ height: Int, _ width: Int) -> PickleExpression { .tuple([.int(height), .int(width)]) }
}
