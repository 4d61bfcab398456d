/// One way of loading the model, as the person who started the run named it.
public struct LoadingMethod: Sendable, Hashable {
    /// What kind of thing is loaded.
    public enum Kind: String, Sendable, CaseIterable {
        /// A hub directory: configuration and weights side by side.
        case pretrained
        /// A whole pickled model, which carries its own configuration.
        case full
        /// Parameters only, which carry no configuration.
        case stateDict = "state-dict"
    }

    /// What kind of thing is loaded.
    public var kind: Kind
    /// Name of the method in reports, unique in a run: the kind, or what was given to tell two of a kind apart.
    public var label: String
    /// The file or directory, as given on the command line.
    public var path: String
    /// Key of one of several models in the file; nil to let the content decide.
    public var weights: String?
    /// The configuration given with `--config`, if any.
    public var configPath: String?
    /// The mask ratio that is set after loading, as a program sets it in Python; nil for what the checkpoint says.
    public var maskRatio: Double?

    /// Names a way of loading.
    public init(
        kind: Kind, label: String, path: String, weights: String? = nil, configPath: String? = nil,
        maskRatio: Double? = nil
    ) {
        self.kind = kind
        self.label = label
        self.path = path
        self.weights = weights
        self.configPath = configPath
        self.maskRatio = maskRatio
    }

    /// The path, and for one of several models its key: `FILE#KEY`, as the command line takes it.
    public var place: String { weights.map { "\(path)#\($0)" } ?? path }
}
