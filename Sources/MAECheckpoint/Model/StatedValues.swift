import MAEFormats

/// Values of a configuration that a file states in addition to its weights: a training script's arguments, hyper-parameters.
///
/// facebookresearch/mae pickles its `argparse.Namespace` under `args`, Lightning what `save_hyperparameters` was given
/// under `hyper_parameters`, others an OmegaConf or a plain dictionary under `cfg` or `config`.
struct StatedValues {
    /// One value and where it is stated.
    struct Statement {
        let field: ConfigurationKey
        let value: JSONValue
        /// Such as `args.mask_ratio`.
        let place: String
        /// How a mask ratio is computed with.
        var arithmetic = MaskRatioArithmetic.double
    }

    /// All values found, in the order of the file; a field may be stated several times.
    let statements: [Statement]

    /// No values.
    static let none = StatedValues(statements: [])

    /// What the file says first of each field.
    var first: [ConfigurationKey: Statement] {
        Dictionary(statements.map { ($0.field, $0) }) { first, _ in first }
    }

    /// The same values, those first that are stored closest to the model at `way`.
    func nearest(first way: [String]) -> StatedValues {
        let places = statements.map { $0.place.split(separator: ".").dropLast().map(String.init) }
        let order = statements.indices.sorted { one, other in
            if places[one].isNearer(than: places[other], to: way) { return true }
            return !places[other].isNearer(than: places[one], to: way) && one < other
        }
        return StatedValues(statements: order.map { statements[$0] })
    }

    /// Takes values that were found.
    init(statements: [Statement]) { self.statements = statements }

    /// Most dictionaries and objects that are searched; those of a training script lie far out.
    private static let maximumContainerCount = 1 << 16

    /// Searches `root`, and what lies inside it up to modules and tensors.
    init(in root: PickleValue) {
        var statements: [Statement] = []
        var visited = 0
        root.walk { visit in
            switch visit.value {
            case .dictionary, .object: visited += 1
            case .list, .tuple: return visited < Self.maximumContainerCount
            default: return false
            }
            guard visited <= Self.maximumContainerCount, visit.value.attribute("_modules") == nil else { return false }
            // The way is asked for first: a data set has many dictionaries, and none of them is of settings.
            guard let place = Self.place(visit.path) else { return true }
            statements += Self.fields(of: visit.value).map {
                Statement(field: $0.field, value: $0.json, place: place + $0.name, arithmetic: .init($0.value))
            }
            return true
        }
        self.statements = statements
    }

    /// The names by which programs call the fields of a configuration.
    static let names: [(field: ConfigurationKey, names: [String])] = [
        (.maskRatio, ["mask_ratio", "masking_ratio"]), (.normalizesPixelLoss, ["norm_pix_loss"]),
        (.layerNormEpsilon, ["layer_norm_eps"]), (.hiddenActivation, ["hidden_act"]),
        (.imageSize, ["image_size", "img_size", "input_size"]), (.patchSize, ["patch_size"]),
        (.channelCount, ["num_channels", "in_chans"]), (.hiddenSize, ["hidden_size", "embed_dim"]),
        (.layerCount, ["num_hidden_layers", "depth"]), (.headCount, ["num_attention_heads", "num_heads"]),
        (.intermediateSize, ["intermediate_size"]), (.hasQKVBias, ["qkv_bias"]),
        (.decoderHiddenSize, ["decoder_hidden_size", "decoder_embed_dim"]),
        (.decoderLayerCount, ["decoder_num_hidden_layers", "decoder_depth"]),
        (.decoderHeadCount, ["decoder_num_attention_heads", "decoder_num_heads"]),
        (.decoderIntermediateSize, ["decoder_intermediate_size"]),
    ]

    private static func fields(
        of container: PickleValue
    ) -> [(field: ConfigurationKey, name: String, value: PickleValue, json: JSONValue)] {
        // A ViTMAEConfig is a configuration by itself, and another model's is none of ours.
        if container.object.map(PickledConfiguration.isViTMAE) == true || container.setting("model_type") != nil {
            return []
        }
        return names.flatMap { field, names in
            names.lazy.compactMap { name in
                container.setting(name).map { (field, name, $0, PickledConfiguration.json($0)) }
            }.filter { $0.3.isUsable(for: field) }.prefix(1)
        }
    }

    /// Words by which settings are called; others' fields of these names mean something else.
    private static let containerNames: Set<String> = [
        "args", "config", "cfg", "conf", "configuration", "hyper_parameters", "hparams", "hyperparameters", "opt",
        "options",
        "params", "settings", "model_args", "model_config", "model_cfg", "model_kwargs", "kwargs", "ds_config", "flags",
        "train_args", "training_args", "net_config", "arch_config",
    ]

    /// The way to a container of settings with a point behind it; empty for the file's own dictionary, nil for anything that
    /// is none.
    private static func place(_ path: [PicklePathStep]) -> String? {
        let words = path.compactMap { step in
            switch step {
            case .key(let name), .attribute(let name): name
            case .element, .number, .entry, .part: nil as String?
            }
        }.filter { $0 != "_content" }
        guard !words.isEmpty else { return path.isEmpty ? "" : nil }
        guard words.contains(where: { containerNames.contains($0.lowercased()) }) else { return nil }
        return words.joined(separator: ".") + "."
    }
}

extension PickleValue {
    /// A setting by name: of a dictionary, a dictionary-like object, an object's attributes, or an OmegaConf.
    fileprivate func setting(_ name: String) -> PickleValue? {
        let found = self[name] ?? attribute(name) ?? attribute("_content")?[name]
        // OmegaConf keeps each value in a node.
        return found.map { $0.attribute("_val") ?? $0 }
    }
}

extension JSONValue {
    /// Whether the value is of a kind that the field takes; others mean something else by the name.
    func isUsable(for field: ConfigurationKey) -> Bool {
        var trial = ViTMAEConfiguration()
        do throws(CheckpointError) {
            try trial.set(field, to: self, path: "")
            return true
        } catch {
            return false
        }
    }
}
