import Glibc
import MAEFiles

/// A file that a command writes whole: a reader sees what was there before, or all that is new.
///
/// A link of this user or of root is followed, and what is no regular file (a terminal, a pipe) is written to as it is.
public struct OutputFile: Sendable {
    /// Where it is, as it was named.
    public let path: String
    let options: AtomicFileOptions

    /// A file at `path`, which survives a power cut if that `isLasting`.
    ///
    /// All whom the user's umask lets may read it: collectors of metrics and web servers are other users.
    public init(_ path: String, isLasting: Bool = true) {
        self.path = path
        options = AtomicFileOptions(durability: isLasting ? .content : .none)
    }

    /// Finds out whether the file can be written, and leaves it as it is.
    ///
    /// - Throws: ``OutputError``
    public func probe() throws(OutputError) {
        do throws(FileError) {
            let target = try LinkedPath.target(of: path)
            if SpecialFile.isAt(target) { return try SpecialFile.probe(target) }
            guard !FileSystem.isDirectory(target) else { throw FileError(path, .system(EISDIR)) }
            try AtomicFile.probe(target)
        } catch { throw OutputError(path, error) }
    }

    /// Replaces what the file holds.
    ///
    /// - Throws: ``OutputError``; what was there before is there still.
    public func write(_ text: String) throws(OutputError) {
        do throws(FileError) {
            let target = try LinkedPath.target(of: path)
            if SpecialFile.isAt(target) { return try SpecialFile.write(Array(text.utf8), to: target) }
            try AtomicFile.write(text.utf8, to: target, options)
        } catch { throw OutputError(path, error) }
    }

    /// Makes the folder at `path`, and those above it, where they are missing.
    ///
    /// - Throws: ``OutputError``
    public static func makeFolder(_ path: String) throws(OutputError) {
        do throws(FileError) {
            try Folder.make(path)
            guard FileSystem.isDirectory(path) else { throw FileError(path, .system(ENOTDIR)) }
        } catch { throw OutputError(path, error) }
    }
}
