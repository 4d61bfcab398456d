import Glibc

/// Devices and named pipes, which are written to as they are.
public enum SpecialFile {
    /// Whether something else than a regular file or a folder is at `path`, links followed.
    public static func isAt(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
    }

    /// Finds out whether this user may write to what is at `path`.
    ///
    /// - Throws: ``FileError``: `notRegular` for a disk, whose bytes are file systems.
    public static func probe(_ path: String) throws(FileError) {
        var status = stat()
        guard stat(path, &status) != 0 || isWritten(status) else { throw FileError(path, .notRegular) }
        guard access(path, W_OK) == 0 else { throw FileError(errnoAt: path) }
    }

    private static func isWritten(_ status: stat) -> Bool {
        [S_IFCHR, S_IFIFO, S_IFSOCK].contains(status.st_mode & S_IFMT)
    }

    /// Writes `bytes` to what is at `path`.
    public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errnoAt: path) }
        defer { close(descriptor) }
        // What was there a moment ago may have been replaced.
        guard isWritten(try Descriptor.status(descriptor, path: path)) else { throw FileError(path, .notRegular) }
        try bytes.span.bytes.withUnsafeBytes { bytes throws(FileError) in
            try Descriptor.write(descriptor, bytes, at: nil, path: path)
        }
    }
}
