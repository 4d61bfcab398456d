import Glibc

/// A `.npy` file that is open for reading.
final class NpyInput {
    /// Bytes a file may have; a larger one is refused before memory is taken for it.
    static let maximumByteCount = 1 << 34

    let path: String
    /// Size in bytes when it was opened.
    let byteCount: Int
    private let descriptor: CInt

    /// Opens the regular file at `path`.
    init(_ path: String) throws(TensorError) {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.unreadable(path, errno) }
        self.path = path
        self.descriptor = descriptor
        var status = stat()
        let failure = fstat(descriptor, &status) == 0 ? nil : errno
        byteCount = Int(status.st_size)
        if let failure { throw Self.unreadable(path, failure) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TensorError(.unreadableFile, path: path, "is not a regular file. Name a .npy file.")
        }
        guard byteCount <= Self.maximumByteCount else {
            throw TensorError(
                .unreadableFile, path: path,
                "has \(byteCount) bytes, more than the \(Self.maximumByteCount) that are read. Split the array.")
        }
    }

    deinit { close(descriptor) }

    /// The bytes of a part that lies within the size.
    func read(_ range: Range<Int>) throws(TensorError) -> TensorStorage {
        var failure: CInt?
        let storage = TensorStorage(byteCount: range.count) { buffer in
            failure = read(into: buffer, at: range.lowerBound)
        }
        if let failure { throw Self.unreadable(path, failure) }
        return storage
    }

    private func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> CInt? {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            if count < 0 { return errno }
            // The file became shorter after its size was taken.
            if count == 0 { return EIO }
            done += count
        }
        return nil
    }

    private static func unreadable(_ path: String, _ code: CInt) -> TensorError {
        let remedy =
            switch code {
            case ENOENT: "Check the spelling of the path."
            case EACCES: "Give this user the right to read it."
            default: "Check the file system it lies on."
            }
        return TensorError(.unreadableFile, path: path, "cannot be read: \(String(cString: strerror(code))). \(remedy)")
    }
}
