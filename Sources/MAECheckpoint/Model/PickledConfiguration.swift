import MAEFormats

/// Configuration objects and dictionaries inside a pickle.
enum PickledConfiguration {
    /// Whether `object` is a configuration of a ViT-MAE, of transformers' own class or one derived from it.
    static func isViTMAE(_ object: PickleObject) -> Bool {
        object.className?.hasSuffix(".ViTMAEConfig") == true
            || object.attribute("model_type")?.string == ViTMAEConfiguration.modelType
            || (object.attribute("decoder_num_hidden_layers") != nil && object.attribute("mask_ratio") != nil)
    }

    /// The values of a configuration object.
    static func source(_ object: PickleObject, path: String) -> ConfigurationSource {
        source(path) { object.attribute($0) }
    }

    /// The first configuration object, or dictionary that says it is one, in the order of the file.
    ///
    /// Lightning keeps what `save_hyperparameters` was given under `hyper_parameters`.
    static func find(in root: PickleValue, path: String) -> ConfigurationSource? {
        var found: ConfigurationSource?
        root.walk { visit in
            guard found == nil else { return false }
            if let object = visit.value.object, isViTMAE(object) {
                found = source(object, path: path)
            } else if visit.value["model_type"]?.string == ViTMAEConfiguration.modelType {
                found = source(path) { visit.value[$0] }
            }
            return true
        }
        return found
    }

    private static func source(_ path: String, value: (String) -> PickleValue?) -> ConfigurationSource {
        let names = ConfigurationField.allCases.map(\.rawValue) + ["transformers_version"]
        let members = names.compactMap { name in
            value(name).map { JSONMember(key: name, value: json($0)) }
        }
        return ConfigurationSource(path: path, origin: .pickledObject(path: path), members: members)
    }

    /// The value as JSON would hold it; what JSON has no word for becomes its description, which no field takes.
    static func json(_ value: PickleValue) -> JSONValue {
        switch value {
        case .none: .null
        case .bool(let value): .bool(value)
        case .int(let value): .integer(Int(value))
        case .float(let value): .number(value)
        case .string(let text): .string(text)
        case .list(let elements), .tuple(let elements):
            // Sizes are pairs of integers; anything longer is no field of ours.
            .array(elements.prefix(3).map { $0.number.map(JSONValue.init) ?? .string($0.kind) })
        case .size(let extents): .array(extents.prefix(3).map(JSONValue.integer))
        default: value.number.map(JSONValue.init) ?? .string(value.kind)
        }
    }
}

extension JSONValue {
    /// A number of Python's as JSON has it.
    init(_ number: PickleNumber) {
        self =
            switch number {
            case .bool(let value): .bool(value)
            case .int(let value): .integer(value)
            case .float(let value): .number(value)
            }
    }
}
