import MAEFormats

/// Field values found in one place, not yet a configuration.
struct ConfigurationSource {
    /// The file the values come from.
    let path: String
    /// What to say about each value's origin.
    let origin: TracedOrigin
    /// The members of the `config.json` or pickled object, also those that no field of ours stands for.
    let members: [JSONMember]
    /// How the mask ratio among them is computed with.
    var maskRatioArithmetic = MaskRatioArithmetic.double

    /// The version of transformers that wrote it, when it says so.
    var transformersVersion: String? { self["transformers_version"]?.string }

    subscript(key: String) -> JSONValue? { JSONValue.object(members)[key] }

    /// The configuration the values describe, defaults filled in, validated.
    ///
    /// Throws ``CheckpointError/Code/invalidConfiguration``; fields with a default are reported as such.
    func configuration() throws(CheckpointError) -> TracedConfiguration {
        if let type = self["model_type"], type.string != ViTMAEConfiguration.modelType {
            throw CheckpointError(
                .invalidConfiguration, path: path, place: "model_type",
                "is \(type.compactText); only \"\(ViTMAEConfiguration.modelType)\" is read. "
                    + "Name the directory or file of a ViT-MAE.")
        }
        var traced = TracedConfiguration()
        for field in ConfigurationKey.allCases {
            guard let value = self[field.rawValue] else { continue }
            try traced.values.set(field, to: value, path: path)
            traced.origins[field] = origin
        }
        traced.values.maskRatioArithmetic = maskRatioArithmetic
        try traced.values.validate(path: path)
        return traced
    }

    /// Reads a `config.json`.
    ///
    /// Throws ``CheckpointError`` when the file cannot be read or is no JSON object of at most ``maximumSize`` bytes.
    static func read(
        configFile path: String, origin: TracedOrigin
    ) throws(CheckpointError) -> ConfigurationSource {
        let limits = JSONReader.Limits(values: 1 << 16, allowsNonFiniteNumbers: true)
        let document = try JSONFile.read(path, maximumSize: maximumSize, limits: limits)
        guard let members = document.members else {
            throw CheckpointError(.malformedFile, path: path, "is no JSON object; name the config.json of a ViT-MAE.")
        }
        return ConfigurationSource(path: path, origin: origin, members: members)
    }

    /// Largest configuration file that is read, in bytes.
    static let maximumSize = 1 << 20
}

/// A configuration and where each of its values came from.
public struct TracedConfiguration: Sendable {
    /// The values.
    public var values: ViTMAEConfiguration
    /// Where the values came from; fields absent here have the default of transformers.
    public var origins: [ConfigurationKey: TracedOrigin]

    /// A configuration whose fields all have one origin.
    public init(_ values: ViTMAEConfiguration, origin: TracedOrigin) {
        self.values = values
        origins = Dictionary(uniqueKeysWithValues: ConfigurationKey.allCases.map { ($0, origin) })
    }

    /// The defaults of transformers.
    public init() { self.init(ViTMAEConfiguration(), origin: .transformersDefault) }

    /// Where the value of `field` came from.
    public func origin(of field: ConfigurationKey) -> TracedOrigin {
        origins[field] ?? .transformersDefault
    }
}
