/// Where the value of a configuration field came from.
public enum TracedOrigin: Sendable, Hashable, CustomStringConvertible {
    /// The `config.json` of the hub directory.
    case configFile(path: String)
    /// A configuration object pickled into the checkpoint itself.
    case pickledObject(path: String)
    /// Settings in the same file as the weights, such as `args.mask_ratio`.
    case stated(path: String, place: String)
    /// The modules of a pickled model, which compute with it whatever its configuration object says.
    case pickledModules(path: String)
    /// A configuration the user named beside the checkpoint (`--config`).
    case option(path: String)
    /// Read off the shapes of the weights.
    case shapes
    /// A guess, with what it rests on: nothing in the checkpoint says.
    case guess(String)
    /// No source names the field: the default of transformers.
    case transformersDefault
    /// A preset of this program.
    case preset(String)
    /// A command-line flag.
    case flag(String)

    /// Whether nothing in the checkpoint or from the user backs the value.
    public var isUncertain: Bool {
        switch self {
        case .guess, .transformersDefault: true
        case .configFile, .pickledObject, .pickledModules, .stated, .option, .shapes, .preset, .flag: false
        }
    }

    /// The origin in words, such as `from config.json`.
    public var description: String {
        switch self {
        case .configFile(let path): "from \(path)"
        case .pickledObject(let path): "from the configuration object pickled in \(path)"
        case .stated(let path, let place): "from \(place) in \(path)"
        case .pickledModules(let path): "from the modules pickled in \(path)"
        case .option(let path): "from --config \(path)"
        case .shapes: "read off the shapes of the weights"
        case .guess(let reason): "guessed: \(reason)"
        case .transformersDefault: "the default of transformers"
        case .preset(let name): "from the preset \(name)"
        case .flag(let flag): "from \(flag)"
        }
    }
}
