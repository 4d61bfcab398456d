import Glibc

/// A regular file that is open for reading, and known to be as it was when it was opened.
///
/// Read, not mapped: a mapped file that somebody cuts short ends the process.
public final class ReadableFile: Sendable {
    /// The path it was opened by.
    public let path: String
    /// What it was when it was opened.
    public let identity: FileIdentity
    private let descriptor: CInt

    /// Opens the file at `path`.
    public init(_ path: String) throws(ContentError) {
        self.path = path
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw ContentError(.unreadable, path: path, number: errno, "cannot be opened")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            let identity = FileIdentity(descriptor: descriptor)
        else {
            close(descriptor)
            throw ContentError(.unreadable, path: path, "is no regular file; name one")
        }
        self.identity = identity
    }

    deinit { close(descriptor) }

    /// Size in bytes when it was opened.
    public var size: Int { identity.size }

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// Throws ``ContentError/Code/changed`` when the file ends before.
    public func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(ContentError) {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw ContentError(.unreadable, path: path, number: errno, "cannot be read")
            }
            guard count > 0 else { throw changed }
            done += count
        }
    }

    /// Throws ``ContentError/Code/changed`` when the file was written to since it was opened.
    public func requireUnchanged() throws(ContentError) {
        guard FileIdentity(descriptor: descriptor) == identity else { throw changed }
    }

    private var changed: ContentError {
        ContentError(.changed, path: path, "was written to while it was in use; leave it alone and start again")
    }
}
