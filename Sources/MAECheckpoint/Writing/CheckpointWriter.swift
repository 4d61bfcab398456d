import MAEFormats

/// Writes a model in the forms that PyTorch programs load.
///
/// Every file appears under its name only when it is whole, holds fp32, and depends on the model alone: the same model
/// gives the same bytes on every machine.
public enum CheckpointWriter {
    /// The forms a model can be written in.
    public enum Form: String, Sendable, CaseIterable {
        /// A directory with `config.json` and `model.safetensors`, which transformers 4.57 and 5.23 both read whole.
        case hub
        /// A pickled module, as `torch.save(model)` writes it; only the release of transformers it is made for opens it.
        case full
        /// A dictionary of tensors, as `torch.save(model.state_dict())` writes it; under a name that ends in `.safetensors`,
        /// as `safetensors.torch.save_file(model.state_dict(), …)` does, since PyTorch goes by the name there.
        case stateDict = "state-dict"
        /// A Lightning checkpoint: the state dict of a module that holds the model as `model`, and its configuration.
        case lightning
    }

    /// Releases of transformers whose names and classes differ.
    public enum Release: String, Sendable, CaseIterable {
        /// Versions 4.x; checked with 4.57.
        case transformers4 = "4"
        /// Versions 5.x; checked with 5.23.
        case transformers5 = "5"

        /// How this release names parameters in memory, hence in its state dicts.
        var dialect: ParameterDialect {
            switch self {
            case .transformers4: .transformers4
            case .transformers5: .transformers5Memory
            }
        }
    }

    /// Writes `model` at `path`, replacing a file there.
    ///
    /// For ``Form/hub``, `path` is a directory, which is made unless it is there; `release` matters only to the other
    /// forms. Throws ``CheckpointError/Code/unwritableFile`` when the system refuses, ``CheckpointError/Code/contradiction``
    /// for a directory that holds weights of another form already, and ``CheckpointError/Code/unsupportedFormat`` for
    /// ``Form/full`` of an activation that cannot be pickled.
    public static func write(
        _ model: ModelWeights, as form: Form, to path: String, release: Release = .transformers5
    ) throws(CheckpointError) {
        switch form {
        case .hub: try HubDirectoryWriter.write(model, to: path)
        case .full: try TorchArchiveWriter.write(try ModuleGraph(model, release: release, path: path).pickle, to: path)
        case .stateDict where path.hasSuffix(safetensorsEnding):
            try SafetensorsWriter.write(
                model.layout.parameters.map { (release.dialect.key(of: $0.name), model.tensor(of: $0)) },
                metadata: ["format": "pt"], to: path)
        case .stateDict: try TorchArchiveWriter.write(stateDictionary(model, release: release, prefix: ""), to: path)
        case .lightning: try TorchArchiveWriter.write(lightning(model, release: release), to: path)
        }
    }

    private static func stateDictionary(_ model: ModelWeights, release: Release, prefix: String) -> PickleExpression {
        .orderedDictionary(
            model.layout.parameters.map { parameter in
                let key = prefix + release.dialect.key(of: parameter.name)
                return (.string(key), .tensor(PickledTensor(model.tensor(of: parameter))))
            }, state: nil)
    }

    /// What the names of safetensors files end in.
    public static let safetensorsEnding = ".safetensors"

    /// The version of Lightning whose layout is written.
    private static let lightningVersion = "2.6.6"

    private static func lightning(_ model: ModelWeights, release: Release) -> PickleExpression {
        let fields = ConfigurationKey.allCases.map { field in
            (PickleExpression.string(field.rawValue), PickleExpression(model.configuration[field]))
        }
        let configuration: PickleExpression = .dictionary(
            [(.string("model_type"), .string(ViTMAEConfiguration.modelType))] + fields)
        return .dictionary([
            (.string("epoch"), .int(0)),
            (.string("global_step"), .int(0)),
            (.string("pytorch-lightning_version"), .string(lightningVersion)),
            (.string("state_dict"), stateDictionary(model, release: release, prefix: "model.")),
            (.string("loops"), .dictionary([])),
            (.string("callbacks"), .dictionary([])),
            (.string("optimizer_states"), .list([])),
            (.string("lr_schedulers"), .list([])),
            (.string("hparams_name"), .string("kwargs")),
            (.string("hyper_parameters"), .dictionary([(.string("config"), configuration)])),
        ])
    }
}

extension PickleExpression {
    /// The Python value that `json.load` would make of a document.
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .none
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .int(value)
        case .number(let value): self = .float(value)
        case .string(let text): self = .string(text)
        case .array(let elements): self = .list(elements.map(PickleExpression.init))
        case .object(let members):
            self = .dictionary(members.map { (.string($0.key), PickleExpression($0.value)) })
        }
    }
}
