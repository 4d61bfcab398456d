import MAEFormats

extension ViTMAEConfiguration {
    /// The value of one field as `config.json` holds it.
    public subscript(field: ConfigurationKey) -> JSONValue {
        switch field.storage {
        case .integer(let path): .integer(self[keyPath: path])
        case .number(let path): .number(self[keyPath: path])
        case .bool(let path): .bool(self[keyPath: path])
        case .activation(let path): .string(self[keyPath: path].rawValue)
        case .extent(let path): self[keyPath: path].json
        }
    }

    /// Sets one field from its value in a configuration.
    ///
    /// Throws ``CheckpointError/Code/invalidConfiguration`` when the value is of another kind than the field.
    mutating func set(
        _ field: ConfigurationKey, to value: JSONValue, path: String
    ) throws(CheckpointError) {
        func mismatch(_ wanted: String) -> CheckpointError {
            CheckpointError(
                .invalidConfiguration, path: path, place: field.rawValue,
                "is \(value.compactText); it must be \(wanted). Correct the configuration.")
        }
        switch field.storage {
        case .integer(let target):
            guard let value = value.int else { throw mismatch("an integer") }
            self[keyPath: target] = value
        case .number(let target):
            guard let value = value.double else { throw mismatch("a number") }
            self[keyPath: target] = value
        case .bool(let target):
            guard let value = value.bool else { throw mismatch("true or false") }
            self[keyPath: target] = value
        case .activation(let target):
            guard let activation = value.string.flatMap(HiddenActivation.init(rawValue:)) else {
                throw mismatch("one of the supported activations: \(HiddenActivation.supportedNames)")
            }
            self[keyPath: target] = activation
        case .extent(let target):
            guard let extent = ImageExtent(json: value) else { throw mismatch("an integer or a pair of integers") }
            self[keyPath: target] = extent
        }
    }

    /// The text of a `config.json` that transformers 4.57 and 5.23 read.
    ///
    /// `architecture` is the class that the weights belong to.
    public func configJSON(architecture: String = "ViTMAEForPreTraining") -> String {
        let fields = ConfigurationKey.allCases.map { JSONMember(key: $0.rawValue, value: self[$0]) }
        let others = [
            JSONMember(key: "architectures", value: .array([.string(architecture)])),
            JSONMember(key: "dtype", value: .string("float32")),
            JSONMember(key: "model_type", value: .string(Self.modelType)),
        ]
        return JSONValue.object((fields + others).sorted { $0.key < $1.key }).indentedText
    }

    /// What `model_type` says in the configuration of a ViT-MAE.
    static let modelType = "vit_mae"
}

extension ImageExtent {
    fileprivate var json: JSONValue {
        isSquare ? .integer(height) : .array([.integer(height), .integer(width)])
    }

    fileprivate init?(json: JSONValue) {
        if let side = json.int {
            self.init(square: side)
        } else if let sides = json.array, sides.count == 2, let height = sides[0].int, let width = sides[1].int {
            self.init(height: height, width: width)
        } else {
            return nil
        }
    }
}
