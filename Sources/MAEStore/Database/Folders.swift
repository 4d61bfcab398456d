import Glibc

/// Folders of a store.
enum Folders {
    /// Makes a folder and those above it, where they are missing.
    static func make(_ path: String) throws {
        if access(path, F_OK) == 0 { return }
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        var current = path.hasPrefix("/") ? "" : "."
        for part in parts {
            current += "/" + part
            guard mkdir(current, 0o777) != 0, errno != EEXIST else { continue }
            throw failure(path, errno, "the folder cannot be made")
        }
    }

    /// Throws unless `path` is a folder that can be read.
    static func requireReadable(_ path: String) throws {
        guard let handle = opendir(path) else {
            guard errno != ENOENT else { throw noStore(path) }
            throw failure(path, errno, "the folder cannot be read")
        }
        closedir(handle)
    }

    /// Makes the names in a folder durable, a file just renamed for example.
    static func synchronize(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0 else { throw failure(path, errno, "the folder cannot be opened") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path, errno, "the folder cannot be made durable") }
    }

    /// The error for a path where no run was ever kept.
    static func noStore(_ path: String) -> StoreError {
        StoreError(
            .inaccessible, path: path,
            "there is no store here: mae-coord verify --store DIR makes one; name the folder of a run that there was")
    }

    /// The error for a system call that failed with `code`.
    static func failure(_ path: String, _ code: Int32, _ what: String) -> StoreError {
        let reason = String(cString: strerror(code))
        if code == ENOSPC || code == EDQUOT {
            return StoreError(.diskFull, path: path, "\(what): \(reason); free some space, then resume the run")
        }
        return StoreError(.inaccessible, path: path, "\(what): \(reason); check the path and its permissions")
    }
}
