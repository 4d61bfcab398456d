import Glibc

/// A regular file that is open for reading.
///
/// A named pipe of that name is not waited for.
public final class RegularFile: Sendable {
    /// The path it was opened by.
    public let path: String
    /// What it was when it was opened.
    public let identity: FileIdentity
    /// The user that it belonged to when it was opened.
    public let owner: uid_t
    /// Its permissions when it was opened: the last twelve bits of its mode.
    public let permissions: mode_t
    private let descriptor: CInt

    /// Opens the file at `path`.
    ///
    /// - Throws: ``FileError``: `notRegular` for anything else than a file, and `ELOOP` for a link unless links are followed.
    public init(_ path: String, followsLink: Bool = true) throws(FileError) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLink ? 0 : O_NOFOLLOW))
        guard descriptor >= 0 else { throw FileError(errnoAt: path) }
        self.descriptor = descriptor
        do throws(FileError) {
            let status = try Descriptor.status(descriptor, path: path)
            guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(path, .notRegular) }
            identity = FileIdentity(status)
            owner = status.st_uid
            permissions = status.st_mode & 0o7777
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Size in bytes when it was opened.
    public var size: Int { identity.size }

    /// Whether the file was written to since it was opened.
    public var isChanged: Bool { FileIdentity(descriptor: descriptor).map { !identity.hasSameContent(as: $0) } ?? true }

    /// Maps all of its bytes read-only; nil where there is no room.
    func map() throws(FileError) -> UnsafeMutableRawPointer? {
        let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard address != MAP_FAILED else { throw FileError(errnoAt: path) }
        return address
    }

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// - Throws: ``FileError``: `truncated` when the file ends before.
    public func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int = 0) throws(FileError) {
        try Descriptor.read(descriptor, buffer, at: offset, path: path)
    }

    /// All bytes.
    ///
    /// - Throws: ``FileError``: `tooLarge` for more than `limit`.
    public func bytes(limit: Int) throws(FileError) -> [UInt8] {
        guard size <= limit else { throw FileError(path, .tooLarge(size: size, limit: limit)) }
        var bytes = [UInt8](repeating: 0, count: size)
        var span = bytes.mutableSpan
        try span.withUnsafeMutableBytes { buffer throws(FileError) in try read(buffer) }
        return bytes
    }
}
