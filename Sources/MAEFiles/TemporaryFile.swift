import Glibc

/// A new file in the folder of the one that is to be written, removed with the last reference unless it took that one's name.
///
/// Its name cannot be guessed, and the system makes it or refuses: it is never a link or another's file. Collectors of metrics,
/// which read what ends in `.prom`, and lists of key files leave it alone.
final class TemporaryFile {
    private let path: String
    private let target: String
    private let descriptor: CInt
    private var isMoved = false

    init(for target: String, mode: mode_t) throws(FileError) {
        self.target = target
        path = "\(target).\(String(UInt64.random(in: .min ... .max), radix: 36)).part"
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileError(errnoAt: target) }
    }

    deinit {
        // Network file systems that tell of a full disk only here have told it to fsync before.
        close(descriptor)
        if !isMoved { unlink(path) }
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try Descriptor.write(descriptor, bytes, at: nil, path: target)
    }

    /// Gives the file the name that it was made for.
    func moveToTarget(_ options: AtomicFileOptions) throws(FileError) {
        var status = stat()
        if lstat(target, &status) == 0, ![S_IFREG, S_IFLNK].contains(status.st_mode & S_IFMT) {
            throw FileError(target, status.st_mode & S_IFMT == S_IFDIR ? .system(EISDIR) : .notRegular)
        }
        if options.durability != .none, fsync(descriptor) != 0 { throw FileError(errnoAt: target) }
        switch options.existing {
        case .replaced:
            guard rename(path, target) == 0 else { throw FileError(errnoAt: target) }
            isMoved = true
        case .kept:
            // Unlike a renaming, a link never takes the place of another file; the first name goes with this object.
            guard link(path, target) == 0 else { throw FileError(errnoAt: target) }
        }
        if options.durability == .contentAndName { try Folder.synchronize(FileSystem.split(target).folder) }
    }
}
