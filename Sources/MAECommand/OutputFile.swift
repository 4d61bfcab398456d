import Glibc
import MAEFiles

/// A file that a command writes whole: a reader sees what was there before, or all that is new.
///
/// A link is followed, and what is no regular file (a device, a pipe) is written to as it is.
public struct OutputFile: Sendable {
    /// Where it is, as it was named.
    public let path: String
    private let options: AtomicFileOptions

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
            if SpecialFile.isAt(path) { return try SpecialFile.probe(path) }
            let target = FileSystem.realPath(path) ?? path
            guard !FileSystem.isDirectory(target) else { throw FileError(path, .system(EISDIR)) }
            try AtomicFile.probe(target)
        } catch { throw OutputError(path, error) }
    }

    /// Replaces what the file holds.
    ///
    /// - Throws: ``OutputError``; what was there before is there still.
    public func write(_ text: String) throws(OutputError) {
        do throws(FileError) {
            if SpecialFile.isAt(path) { return try SpecialFile.write(Array(text.utf8), to: path) }
            try AtomicFile.write(text.utf8, to: FileSystem.realPath(path) ?? path, options)
        } catch { throw OutputError(path, error) }
    }
}
