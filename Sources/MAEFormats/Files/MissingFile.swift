import MAEFiles

/// What can be said of a path at which nothing is: most are another spelling of one that is there.
enum MissingFile {
    /// Most names that are given.
    private static let listedNames = 4

    /// What to do, with the names of files that differ from `path` in the extension alone.
    static func remedy(for path: String) -> String {
        let (folder, name) = FileSystem.split(path)
        guard FileSystem.isDirectory(folder) else {
            return "There is no folder \(folder). Check the spelling of the path."
        }
        let stem = FileSystem.stem(of: name)
        let siblings = FileSystem.names(in: folder).filter { $0 != name && FileSystem.stem(of: $0) == stem }
        guard !stem.isEmpty, !siblings.isEmpty else { return "Check the spelling of the path." }
        return "Its folder has \(siblings.prefix(listedNames).joined(separator: ", ")). Check the extension."
    }
}
