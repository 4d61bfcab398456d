import MAEContent
import MAEFiles
import MAEFormats

/// Which files a checkpoint consists of: what opening it reads, and nothing beside it.
extension FileListing {
    /// Lists the checkpoint at `named`, a path or a model's name in `hubCache`.
    ///
    /// It is the file; or the configuration of a hub directory and its weights in the form that is read, with the index
    /// and its shards. Throws ``CheckpointError`` when nothing is there, or no weights, and for an index that cannot be read.
    public init(checkpoint named: String, hubCache: HubCache = .default) throws(CheckpointError) {
        let path = try CheckpointPath(named, in: hubCache).path
        let isDirectory = FileSystem.isDirectory(path)
        self.init(
            path: path, isDirectory: isDirectory,
            names: isDirectory ? try HubDirectory.fileNames(in: path) : [try Self.name(ofFile: path)])
    }

    /// Lists the configuration at `named`: a file, or a folder with a `config.json`, or a model's in `hubCache`.
    public init(configuration named: String, hubCache: HubCache = .default) throws(CheckpointError) {
        let path = try CheckpointPath(named, in: hubCache).path
        let isDirectory = FileSystem.isDirectory(path)
        let file = isDirectory ? path + "/" + HubDirectory.configurationName : path
        self.init(path: path, isDirectory: isDirectory, names: [try Self.name(ofFile: file)])
    }

    private static func name(ofFile path: String) throws(CheckpointError) -> String {
        if !FileSystem.isFile(path) {
            // Says what is there instead.
            _ = try MappedFile(path: path)
        }
        return FileSystem.split(path).name
    }
}
