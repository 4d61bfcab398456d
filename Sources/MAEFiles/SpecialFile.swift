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
        let descriptor = try open(path)
        defer { close(descriptor) }
        try append(bytes, to: descriptor, path)
    }

    /// Writes what `body` appends piece by piece to what is at `path`.
    ///
    /// - Throws: ``FileError``, and whatever `body` throws.
    public static func write(to path: String, _ body: (_ append: ([UInt8]) throws -> Void) throws -> Void) throws {
        let descriptor = try open(path)
        defer { close(descriptor) }
        try body { try append($0, to: descriptor, path) }
    }

    private static func open(_ path: String) throws(FileError) -> CInt {
        let descriptor = Glibc.open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errnoAt: path) }
        do throws(FileError) {
            // What was there a moment ago may have been replaced.
            guard isWritten(try Descriptor.status(descriptor, path: path)) else { throw FileError(path, .notRegular) }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func append(_ bytes: [UInt8], to descriptor: CInt, _ path: String) throws(FileError) {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(FileError) in
            try Descriptor.write(descriptor, bytes, at: nil, path: path)
        }
    }
}
