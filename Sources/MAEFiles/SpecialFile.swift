import Glibc

/// Devices and named pipes, which are written to as they are.
public enum SpecialFile {
    /// Whether something else than a regular file or a folder is at `path`, links followed.
    public static func isAt(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
    }

    /// Finds out whether this user may write to what is at `path`.
    public static func probe(_ path: String) throws(FileError) {
        guard access(path, W_OK) == 0 else { throw FileError(errnoAt: path) }
    }

    /// Writes `bytes` to what is at `path`.
    public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errnoAt: path) }
        defer { close(descriptor) }
        try bytes.span.bytes.withUnsafeBytes { bytes throws(FileError) in
            try Descriptor.write(descriptor, bytes, at: nil, path: path)
        }
    }
}
