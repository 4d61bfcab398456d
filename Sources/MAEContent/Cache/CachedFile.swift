import Glibc

/// A whole file of the cache, which stays there as long as somebody refers to it.
public final class CachedFile: Sendable {
    /// Where it lies.
    public let path: String
    private let lock: FileLock
    // UTIME_NOW and UTIME_OMIT of <sys/stat.h>, which Swift's importer leaves out.
    private static let now = (1 << 30) - 1
    private static let unchanged = (1 << 30) - 2

    init(path: String, lock: FileLock) {
        self.path = path
        self.lock = lock
        // Only the time of use, by which files go; the time of writing tells a file that was changed.
        let times = [timespec(tv_sec: 0, tv_nsec: Self.now), timespec(tv_sec: 0, tv_nsec: Self.unchanged)]
        // Where it is refused, the file goes a little early.
        _ = futimens(lock.descriptor, times)
    }
}
