/// One value of the model's configuration, and where it came from.
public struct ConfigurationField: Sendable, Hashable {
    /// Name in the field's own terms, such as `hidden_size`.
    public var name: String
    /// The value as JSON text.
    public var value: String
    /// Where the value came from.
    public var origin: ConfigurationOrigin
    /// What a guess rests on; nil for other origins, and from nodes that do not say it.
    public var reason: String?

    /// Describes one value.
    public init(name: String, value: String, origin: ConfigurationOrigin, reason: String? = nil) {
        self.name = name
        self.value = value
        self.origin = origin
        self.reason = reason
    }

    /// Where the value came from, in words that fit after "from", with what a guess rests on.
    public var originWords: String { origin.words + (reason.map { ": \($0)" } ?? "") }
}

/// Where a configuration value came from.
public enum ConfigurationOrigin: String, Sendable, CaseIterable {
    /// A flag of the command line.
    case flag
    /// The `config.json` of a hub directory.
    case configJSON = "config.json"
    /// The configuration object inside a pickled model.
    case pickledConfig = "pickled-config"
    /// The modules of a pickled model, which compute with it whatever its configuration object says.
    case pickledModules = "pickled-modules"
    /// Settings in the same file as the weights, such as a training script's arguments.
    case stated
    /// The file or directory given with `--config`.
    case configOption = "--config"
    /// Worked out from the shapes of the parameters.
    case inferred
    /// Nothing said it, and the parameters suggest it.
    case guess
    /// Nothing said it, so the library's default was taken.
    case defaultValue = "default"

    /// Whether the checkpoint itself says it, and not the person, a default or a guess.
    public var isStated: Bool {
        switch self {
        case .configJSON, .pickledConfig, .pickledModules, .stated: true
        case .flag, .configOption, .inferred, .guess, .defaultValue: false
        }
    }

    /// Where, in words that fit after "from".
    public var words: String {
        switch self {
        case .flag: "the command line"
        case .configJSON: "the directory's config.json"
        case .pickledConfig: "the configuration pickled inside the file"
        case .pickledModules: "the modules pickled inside the file"
        case .stated: "the settings inside the file"
        case .configOption: "the configuration given with --config"
        case .inferred: "the parameters' shapes"
        case .guess: "a guess, because nothing says it"
        case .defaultValue: "the default, because nothing else said it"
        }
    }
}

/// The fraction of patches removed before the encoder, and where that number came from.
public struct MaskRatio: Sendable, Hashable {
    /// The fraction, 0 to below 1.
    public var value: Double
    /// Where it came from.
    public var origin: ConfigurationOrigin

    /// Describes a mask ratio.
    public init(_ value: Double, from origin: ConfigurationOrigin) {
        self.value = value
        self.origin = origin
    }
}
