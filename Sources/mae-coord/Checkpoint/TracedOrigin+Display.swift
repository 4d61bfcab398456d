import MAECheckpoint

extension TracedOrigin {
    /// The kind of origin, for programs.
    var kind: String {
        switch self {
        case .configFile: "config-file"
        case .pickledObject: "pickled-object"
        case .pickledModules: "pickled-modules"
        case .stated: "stated"
        case .option: "option"
        case .shapes: "shapes"
        case .guess: "guess"
        case .transformersDefault: "transformers-default"
        case .preset: "preset"
        case .flag: "flag"
        }
    }

    /// The origin in a few words for a table about one checkpoint, whose path needs no repeating.
    var phrase: String {
        switch self {
        case .configFile: "config.json"
        case .pickledObject: "pickled with the model"
        case .stated(_, let place): "stated in \(place)"
        case .pickledModules: "as its modules compute"
        case .option(let path): "--config \(path)"
        case .shapes, .guess, .transformersDefault, .preset, .flag: description
        }
    }
}
