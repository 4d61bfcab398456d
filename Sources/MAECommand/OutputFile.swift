import Glibc

/// A file that a command writes whole: whoever reads it sees what was there before, or all that is new.
///
/// A link is followed, and what is no regular file (a device, a pipe) is written to as it is.
public struct OutputFile: Sendable {
    /// Where it lies, as it was named.
    public let path: String

    /// A file at `path`.
    public init(_ path: String) { self.path = path }

    /// Finds out whether the file can be written, and leaves it as it is.
    ///
    /// - Throws: ``OutputError``
    public func probe() throws(OutputError) {
        switch try place() {
        case .special: guard access(path, W_OK) == 0 else { throw OutputError(path, number: errno) }
        case .file(let target):
            let temporary = temporaryPath(target)
            close(try create(temporary))
            unlink(temporary)
        }
    }

    /// Replaces what the file holds.
    ///
    /// - Throws: ``OutputError``; what was there before is there still.
    public func write(_ text: String) throws(OutputError) {
        switch try place() {
        case .special:
            let descriptor = open(path, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw OutputError(path, number: errno) }
            try write(text, descriptor)
        case .file(let target):
            let temporary = temporaryPath(target)
            do throws(OutputError) {
                try write(text, try create(temporary))
                guard rename(temporary, target) == 0 else { throw OutputError(path, number: errno) }
            } catch {
                unlink(temporary)
                throw error
            }
        }
    }

    private enum Place {
        /// A regular file, or nothing yet, at the end of all links.
        case file(String)
        case special
    }

    private func place() throws(OutputError) -> Place {
        var status = stat()
        if stat(path, &status) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: throw OutputError(path, number: EISDIR)
            default: return .special
            }
        }
        guard let target = realpath(path, nil) else { return .file(path) }
        defer { free(target) }
        return .file(String(cString: target))
    }

    // Named so that collectors of metrics, which read what ends in .prom, leave it alone.
    private func temporaryPath(_ target: String) -> String { "\(target).\(getpid())" }

    private func create(_ temporary: String) throws(OutputError) -> CInt {
        // Open to all whom the user's umask lets read it: collectors and web servers are other users.
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw OutputError(path, number: errno) }
        return descriptor
    }

    /// Writes all of `text` and closes the file.
    private func write(_ text: String, _ descriptor: CInt) throws(OutputError) {
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw OutputError(path, number: errno)
            }
            done += count
        }
    }
}
