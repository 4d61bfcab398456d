/// A ViT-MAE as it lies in files: its configuration and every parameter, under canonical names.
///
/// Opening reads headers and object graphs; the weights stay in their mapped files until they are asked for.
public struct ModelCheckpoint: Sendable {
    /// The file or directory that was named.
    public let path: String
    /// The method by which it was read; never ``LoadingMethod/automatic``.
    public let method: LoadingMethod
    /// The configuration, with the origin of each value.
    public let configuration: TracedConfiguration
    /// The parameters that are there: all of the model, or those of the encoder alone.
    public let layout: ParameterLayout
    /// The tensors as they lie in the file, by canonical name: exactly those of ``layout``, with its shapes.
    public let tensors: [String: CheckpointTensor]
    /// Every file that was read.
    public let files: [CheckpointFile]
    /// How the checkpoint is stored.
    public let format: CheckpointFormat
    /// What a person should know about the checkpoint, in the order in which it was noticed.
    public let findings: [CheckpointFinding]
    private let manifestCache: WeightsManifest.Cache

    /// Whether the decoder is there too.
    public var hasDecoder: Bool { layout.parameters.contains { $0.part == .decoder } }

    /// Whether the checkpoint itself says how it is configured: in a `config.json` or a pickled object.
    public var carriesConfiguration: Bool {
        configuration.origins.values.contains {
            switch $0 {
            case .configFile, .pickledObject: true
            default: false
            }
        }
    }

    /// Opens the checkpoint at `path`.
    ///
    /// `configuration` is a `config.json`, or a directory with one, that goes before the checkpoint's own. Files beside
    /// the checkpoint that could be mistaken for it are compared with it unless `comparesNeighbours` is false. Throws
    /// ``CheckpointError`` for every checkpoint that is not whole, and for a method that does not fit the content.
    public static func open(
        _ path: String, method: LoadingMethod = .automatic, configuration: String? = nil,
        comparesNeighbours: Bool = true
    ) throws(CheckpointError) -> ModelCheckpoint {
        let option = try configuration.map { path throws(CheckpointError) in
            try ConfigurationSource.read(option: path)
        }
        let raw = try RawCheckpoint.read(path, method: method)
        let checkpoint = try ModelCheckpoint(raw, option: option)
        return comparesNeighbours ? checkpoint.addingFindings(checkpoint.neighbourFindings(option: option)) : checkpoint
    }

    /// Binds what lies in the files to the parameters of the model they describe.
    init(_ raw: RawCheckpoint, option: ConfigurationSource?) throws(CheckpointError) {
        let naming = ParameterNaming(keys: raw.entries.map(\.key))
        guard !naming.isEmpty else {
            throw CheckpointError(
                .unsupportedFormat, path: raw.path,
                "holds no parameter of a ViT-MAE under any name that is known"
                    + (raw.format.pickledClass.map { ", but an object of \($0)" } ?? "")
                    + ". Name the checkpoint of a ViT-MAE.")
        }
        let recognized = try ParameterBinding.recognized(raw.entries, naming: naming, path: raw.path)
        let configuration = try Self.configuration(of: raw, option: option, naming: naming, shapes: recognized)
        let parts: Set<ParameterLayout.Part> =
            recognized.keys.contains { $0.hasPrefix("decoder.") } ? [.encoder, .decoder] : [.encoder]
        let layout = ParameterLayout(configuration.values, parts: parts)
        let binding = try ParameterBinding(recognized, to: layout, naming: naming, path: raw.path)

        var format = raw.format
        format.dialect = naming.dialect
        format.prefix = naming.prefix
        format.transformersVersion = raw.configuration?.transformersVersion
        for tensor in binding.tensors.values { format.dtypes[tensor.dtype, default: 0] += 1 }

        path = raw.path
        method = raw.method
        self.configuration = configuration
        self.layout = layout
        tensors = binding.tensors
        files = raw.files
        self.format = format
        findings =
            raw.findings
            + CheckpointObservations(
                raw: raw, option: option, naming: naming, recognized: recognized, layout: layout, format: format,
                configuration: configuration
            ).findings
        manifestCache = WeightsManifest.Cache()
    }

    private static func configuration(
        of raw: RawCheckpoint, option: ConfigurationSource?, naming: ParameterNaming,
        shapes recognized: [String: CheckpointTensor]
    ) throws(CheckpointError) -> TracedConfiguration {
        if let source = option ?? raw.configuration { return try source.configuration() }
        guard raw.method == .stateDict else {
            throw CheckpointError(
                .missing, path: raw.path,
                raw.method == .pretrained
                    ? "has no \(HubDirectory.configurationName). Fetch it from where the weights come from, "
                        + "or name one with --config."
                    : "holds a model without its configuration object. Name one with --config.")
        }
        return try ConfigurationInference(shapes: recognized.mapValues(\.shape), path: raw.path)
            .configuration(dialect: naming.dialect)
    }

    private func addingFindings(_ more: [CheckpointFinding]) -> ModelCheckpoint {
        ModelCheckpoint(self, findings: findings + more)
    }

    private init(_ other: ModelCheckpoint, findings: [CheckpointFinding]) {
        path = other.path
        method = other.method
        configuration = other.configuration
        layout = other.layout
        tensors = other.tensors
        files = other.files
        format = other.format
        self.findings = findings
        manifestCache = other.manifestCache
    }

    /// The digests of all weights, computed at the first call and kept.
    ///
    /// Reads every weight once. Throws ``CheckpointError/Code/malformedTensor`` for one that is no float.
    public func manifest() throws(CheckpointError) -> WeightsManifest {
        try manifestCache.manifest { () throws(CheckpointError) in
            try WeightsManifest(layout.parameters.map(\.name), tensors: tensors)
        }
    }
}

extension ConfigurationSource {
    /// Reads what the user named beside the checkpoint: a `config.json`, or a directory with one.
    fileprivate static func read(option path: String) throws(CheckpointError) -> ConfigurationSource {
        let file = FileSystem.isDirectory(path) ? path + "/" + HubDirectory.configurationName : path
        return try read(configFile: file, origin: .option(path: file))
    }
}
