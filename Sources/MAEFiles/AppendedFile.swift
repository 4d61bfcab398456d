import Glibc

/// A regular file of others to which text is added at the end, such as the summary of a step of a build server.
public enum AppendedFile {
    /// Appends `bytes` to the file at `path`, which is made where there is none; a link is followed.
    ///
    /// - Throws: ``FileError``: `notRegular` for anything else than a file.
    public static func append(_ bytes: [UInt8], to path: String) throws(FileError) {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o666)
        guard descriptor >= 0 else { throw FileError(errnoAt: path) }
        defer { close(descriptor) }
        guard try Descriptor.status(descriptor, path: path).st_mode & S_IFMT == S_IFREG else {
            throw FileError(path, .notRegular)
        }
        try bytes.span.bytes.withUnsafeBytes { bytes throws(FileError) in
            try Descriptor.write(descriptor, bytes, at: nil, path: path)
        }
    }
}
