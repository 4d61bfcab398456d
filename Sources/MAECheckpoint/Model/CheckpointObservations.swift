import MAEFormats
import MAETensor

/// What is worth telling about a checkpoint that could be read.
struct CheckpointObservations {
    let raw: RawCheckpoint
    let option: ConfigurationSource?
    let naming: ParameterNaming
    let recognized: [String: CheckpointTensor]
    let layout: ParameterLayout
    let format: CheckpointFormat
    let configuration: TracedConfiguration

    /// Everything noticed, most basic first.
    var findings: [CheckpointFinding] {
        [
            misleadingName, mixedNames, encoderOnly, unexpectedKeys, joinedBiases, contradictoryConfiguration,
            guessedFields, convertedDTypes, sharedStorage, limitedReaders,
        ].compactMap { $0 }
    }

    var location: CheckpointLocation { CheckpointLocation(path: raw.path) }

    private var misleadingName: CheckpointFinding? {
        guard let file = raw.files.last?.path, raw.format.shardCount == 1 else { return nil }
        let isNamedSafetensors = file.hasSuffix(".safetensors")
        guard isNamedSafetensors != (format.container == .safetensors) else { return nil }
        return CheckpointFinding(
            .misleadingName, .warning, at: CheckpointLocation(path: file),
            isNamedSafetensors
                ? "is named .safetensors but torch.save wrote it; it was read by its content."
                : "holds safetensors, which torch.load cannot read; it was read by its content.")
    }

    private var mixedNames: CheckpointFinding? {
        guard naming.dialects.isEmpty else { return nil }
        return CheckpointFinding(
            .mixedNames, .warning, at: location,
            "names its parameters partly as one program and partly as another; no version of transformers reads it whole."
        )
    }

    private var encoderOnly: CheckpointFinding? {
        guard !layout.parameters.contains(where: { $0.part == .decoder }) else { return nil }
        return CheckpointFinding(
            .encoderOnly, at: location, "holds the encoder alone; there is nothing to run a decoder with.")
    }

    private var unexpectedKeys: CheckpointFinding? {
        let beyond = naming.keys(beyond: layout)
        let keys = TensorOrder.sorted(naming.unexpected + beyond)
        guard !keys.isEmpty else { return nil }
        return CheckpointFinding(
            .unexpectedKeys, .warning, at: location,
            "\(keys.count) tensors are no parameter of this model and were left out: \(ParameterBinding.list(keys))."
                + (beyond.isEmpty
                    ? "" : " Some belong to a ViT-MAE of another configuration: check layer counts and biases."))
    }

    private var joinedBiases: CheckpointFinding? {
        let split = SplitBiases(names: naming.sources.keys).prefixes
        guard !split.isEmpty else { return nil }
        let keys = Set(
            split.flatMap { prefix in ["query", "value"].compactMap { naming.sources["\(prefix)\($0).bias"]?.key } })
        return CheckpointFinding(
            .joinedBiases, at: location,
            "\(split.count) blocks have biases of queries and values and none of keys, which is zero then, as in BEiT: "
                + "\(ParameterBinding.list(TensorOrder.sorted(keys))).")
    }

    private var contradictoryConfiguration: CheckpointFinding? {
        guard option != nil, let own = try? raw.configuration?.configuration() else { return nil }
        let differences = ConfigurationKey.allCases.filter { configuration.values[$0] != own.values[$0] }
        guard !differences.isEmpty else { return nil }
        let list = differences.map {
            "\($0.rawValue) is \(configuration.values[$0].compactText) by --config and "
                + "\(own.values[$0].compactText) in the checkpoint"
        }
        return CheckpointFinding(
            .contradictoryConfiguration, .warning, at: location,
            list.joined(separator: ", ") + "; --config was followed.")
    }

    private var convertedDTypes: CheckpointFinding? {
        let others = format.dtypes.filter { $0.key != .float32 }.sorted { $0.key.rawValue < $1.key.rawValue }
        guard !others.isEmpty else { return nil }
        let list = others.map { dtype, count in
            "\(count) parameters are \(dtype.rawValue), " + (dtype == .float64 ? "rounded to fp32" : "widened exactly")
        }
        let computed =
            switch raw.method {
            case .full: " PyTorch computes a pickled model in the types it is stored in, unless it is told .float()."
            case .pretrained: " transformers 5 computes in the stored type, unless it is told dtype=torch.float32."
            case .stateDict, .automatic: ""
            }
        return CheckpointFinding(.convertedDType, .warning, at: location, list.joined(separator: "; ") + "." + computed)
    }

    private var sharedStorage: CheckpointFinding? {
        let keys = Set(naming.sources.values.map(\.key))
        let storages = Dictionary(grouping: raw.entries.filter { keys.contains($0.key) && $0.storageKey != nil }) {
            $0.storageKey
        }
        let shared = storages.values.filter { $0.count > 1 }
        guard !shared.isEmpty else { return nil }
        let count = shared.reduce(0) { $0 + $1.count }
        return CheckpointFinding(
            .sharedStorage, at: location,
            "\(count) parameters share \(shared.count) storages (tied weights or views); each is read as its own values."
        )
    }

    private var limitedReaders: CheckpointFinding? {
        guard let dialect = naming.dialect, let limit = ReaderCompatibility(dialect: dialect, method: raw.method).limit
        else { return nil }
        guard dialect != .transformers5Disk || layout.parameters.contains(where: { $0.part == .decoder }) else {
            return nil
        }
        return CheckpointFinding(
            .limitedReaders, limit.isSilent ? .warning : .note, at: location, limit.message)
    }
}
