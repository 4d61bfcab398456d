import MAEFiles
import MAEFormats

extension ConfigurationSource {
    /// Reads what the user named in addition to the checkpoint: a `config.json`, a directory with one, or a model in `cache`.
    ///
    /// Throws ``CheckpointError`` when there is none, or one of another library.
    static func read(option named: String, in cache: HubCache) throws(CheckpointError) -> ConfigurationSource {
        let path = try CheckpointPath(named, in: cache).path
        let file = FileSystem.isDirectory(path) ? path + "/" + HubDirectory.configurationName : path
        let source = try read(configFile: file, origin: .option(path: file))
        if let foreign = ForeignConfiguration(source) { throw foreign.refusal }
        return source
    }
}
