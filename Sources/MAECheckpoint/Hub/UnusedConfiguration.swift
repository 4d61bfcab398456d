import MAEFormats

/// A `config.json` that is there and says nothing of the model that could be used.
enum UnusedConfiguration {
    /// It is of another library.
    case foreign(ForeignConfiguration)
    /// It cannot be read.
    case unreadable(CheckpointError)

    /// Says that the file was not used; `option` is the configuration that was named in its place.
    func finding(option: ConfigurationSource?) -> CheckpointFinding {
        switch self {
        case .foreign(let foreign): foreign.finding(option: option)
        case .unreadable(let error):
            CheckpointFinding(
                .foreignConfiguration, .warning, at: CheckpointLocation(path: error.path, place: error.place),
                "\(error.message) It was not used; --config was followed.")
        }
    }
}
