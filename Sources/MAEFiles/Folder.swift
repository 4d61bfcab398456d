import Glibc

/// Folders: made with all above them, and made durable.
public enum Folder {
    /// Makes the folder at `path` and those above it, where they are missing.
    ///
    /// `mode` are the permissions of those that are made, less what the umask takes away.
    public static func make(_ path: String, mode: mode_t = 0o777) throws(FileError) {
        if access(path, F_OK) == 0 { return }
        var current = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            current += "/" + part
            guard mkdir(current, mode) != 0, errno != EEXIST else { continue }
            throw FileError(errnoAt: path)
        }
    }

    /// Makes the names in a folder durable: that of a file just renamed, for example.
    public static func synchronize(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errnoAt: path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(errnoAt: path) }
    }
}
