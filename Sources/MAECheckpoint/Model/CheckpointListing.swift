/// Which files a checkpoint consists of: what opening it reads, and nothing beside it.
public struct CheckpointListing: Sendable, Hashable {
    /// The file or folder.
    public let path: String
    /// Whether it is a folder.
    public let isDirectory: Bool
    /// Names of the files in the folder; that of the file itself otherwise.
    public let names: [String]

    /// Lists the checkpoint at `path`: the file, or the configuration of a hub directory and its weights in the form that is
    /// read, with the index and its shards.
    ///
    /// Throws ``CheckpointError`` when nothing is there, or no weights, and for an index that cannot be read.
    public init(checkpoint path: String) throws(CheckpointError) {
        isDirectory = FileSystem.isDirectory(path)
        self.path = path
        names = isDirectory ? try HubDirectory.fileNames(in: path) : [try Self.name(ofFile: path)]
    }

    /// Lists the configuration at `path`: a file, or a folder with a `config.json`.
    public init(configuration path: String) throws(CheckpointError) {
        isDirectory = FileSystem.isDirectory(path)
        self.path = path
        let name = HubDirectory.configurationName
        if isDirectory {
            _ = try Self.name(ofFile: path + "/" + name)
            names = [name]
        } else {
            names = [try Self.name(ofFile: path)]
        }
    }

    private static func name(ofFile path: String) throws(CheckpointError) -> String {
        if !FileSystem.isFile(path) {
            // Says what is there instead.
            _ = try MappedFile(path: path)
        }
        return FileSystem.split(path).name
    }
}
