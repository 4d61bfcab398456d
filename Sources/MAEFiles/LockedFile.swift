import Glibc

/// A file that is open under an advisory lock of the kernel, which ends with the process, however that ends.
public final class LockedFile: Sendable {
    /// How many may hold the lock at a time.
    public enum Sharing: Sendable {
        /// Any number, as long as there is no exclusive holder.
        case shared
        /// One.
        case exclusive
    }

    /// What may be done with the file.
    public enum Access: Sendable {
        /// It is read, and must be there.
        case reading
        /// It is read and written, and made where it is missing.
        case writing
    }

    private let path: String
    private let descriptor: CInt

    /// Opens the regular file at `path`, which is no link and has no other name, and locks it without waiting; nil when another holder keeps it from that,
    /// or a file that is read is not there.
    ///
    /// `mode` are the permissions of a file that is made, less what the umask takes away.
    public init?(_ path: String, _ sharing: Sharing, for access: Access, mode: mode_t = 0o644) throws(FileError) {
        self.path = path
        do throws(FileError) { descriptor = try Self.open(path, access, mode) } catch {
            if access == .reading, error.problem == .system(ENOENT) { return nil }
            throw error
        }
        guard flock(descriptor, (sharing == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
            let error = FileError(errnoAt: path)
            close(descriptor)
            if error.problem == .system(EWOULDBLOCK) { return nil }
            throw error
        }
        // Between opening and locking, the file may have been renamed or removed by the one who held the lock.
        guard let own = FileIdentity(descriptor: descriptor), FileIdentity(path).map(own.isSameFile) ?? false else {
            close(descriptor)
            return nil
        }
    }

    /// Opens or makes the file at `path` and waits until it can be locked exclusively.
    public init(waitingFor path: String, mode: mode_t = 0o644) throws(FileError) {
        self.path = path
        descriptor = try Self.open(path, .writing, mode)
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let error = FileError(errnoAt: path)
                close(descriptor)
                throw error
            }
        }
    }

    deinit { close(descriptor) }

    private static func open(_ path: String, _ access: Access, _ mode: mode_t) throws(FileError) -> CInt {
        let flags = access == .reading ? O_RDONLY : O_RDWR | O_CREAT
        let descriptor = Glibc.open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode)
        guard descriptor >= 0 else { throw FileError(errnoAt: path) }
        do throws(FileError) {
            let status = try Descriptor.status(descriptor, path: path)
            // A second name may be that of a file which another user wants written.
            guard status.st_mode & S_IFMT == S_IFREG, access == .reading || status.st_nlink <= 1 else {
                throw FileError(path, .notRegular)
            }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Writes `bytes` at `offset`.
    public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
        try Descriptor.write(descriptor, bytes, at: offset, path: path)
    }

    /// Gives the file this size.
    public func resize(_ size: Int) throws(FileError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw FileError(errnoAt: path) }
    }

    /// Gives the file other permissions.
    public func permit(_ mode: mode_t) throws(FileError) {
        guard fchmod(descriptor, mode) == 0 else { throw FileError(errnoAt: path) }
    }

    /// Makes now the time when the file was used last; that of its writing stays.
    ///
    /// Where the system refuses, the time stays as it is.
    public func touch() {
        // UTIME_NOW and UTIME_OMIT of <sys/stat.h>, which Swift's importer leaves out.
        let times = [timespec(tv_sec: 0, tv_nsec: (1 << 30) - 1), timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2)]
        _ = futimens(descriptor, times)
    }
}
