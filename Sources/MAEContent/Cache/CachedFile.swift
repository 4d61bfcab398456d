import MAEFiles

/// A whole file of the cache, which stays there as long as it is referred to.
public final class CachedFile: Sendable {
    /// Where it lies.
    public let path: String
    private let lock: LockedFile

    init(path: String, lock: LockedFile) {
        self.path = path
        self.lock = lock
        // Only the time of use, by which files go; the time of writing tells a file that was changed.
        // Where it is refused, the file goes a little early.
        lock.touch()
    }
}
