import Glibc

/// A file that is open under an advisory lock of the kernel, which ends with the process, however that ends.
final class FileLock: Sendable {
    /// How many may hold the lock at a time.
    enum Kind {
        case shared
        case exclusive
    }

    let descriptor: CInt

    /// Opens the file at `path` and locks it without waiting; nil when somebody else holds it or there is no such file.
    ///
    /// `flags` are those of `open`.
    init?(_ path: String, _ kind: Kind, flags: CInt) throws(ContentError) {
        descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw ContentError(.unwritable, path: path, number: errno, "cannot be opened in the cache")
        }
        guard flock(descriptor, (kind == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
            let number = errno
            close(descriptor)
            if number == EWOULDBLOCK { return nil }
            throw ContentError(.unwritable, path: path, number: number, "cannot be locked in the cache")
        }
        // Between opening and locking, the file may have been renamed or removed by the one who held the lock.
        guard let mine = FileIdentity(descriptor: descriptor), mine == FileIdentity(path) else {
            close(descriptor)
            return nil
        }
    }

    /// Opens or makes the file at `path` and waits until nobody else holds its lock.
    init(waitingFor path: String) throws(ContentError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else {
            throw ContentError(.unwritable, path: path, number: errno, "cannot be opened in the cache")
        }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let number = errno
                close(descriptor)
                throw ContentError(.unwritable, path: path, number: number, "cannot be locked in the cache")
            }
        }
    }

    deinit { close(descriptor) }
}
