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

    /// Makes the folder at `path`, which only this user may open, and those above it where they are missing.
    ///
    /// One that is there is closed to others.
    ///
    /// - Throws: ``FileError``: `notOwn` for a link, or a folder of another user.
    public static func makePrivate(_ path: String) throws(FileError) {
        try make(path, mode: 0o700)
        var status = stat()
        guard lstat(path, &status) == 0 else { throw FileError(errnoAt: path) }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else { throw FileError(path, .notOwn) }
        guard status.st_mode & 0o077 != 0, chmod(path, 0o700) != 0 else { return }
        throw FileError(errnoAt: path)
    }

    /// Removes the regular files of the folder at `path` whose names `isUnwanted` is true for.
    ///
    /// A folder that is a link is left as it is, and so is everything else in it.
    public static func removeFiles(in path: String, where isUnwanted: (String) -> Bool) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        for name in FileSystem.names(in: path) where isUnwanted(name) {
            // By the open folder: another one may be at its path by now.
            var status = stat()
            guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFREG
            else {
                continue
            }
            unlinkat(descriptor, name, 0)
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
