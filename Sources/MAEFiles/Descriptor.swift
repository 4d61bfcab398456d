import Glibc

/// System calls that go on after a signal and until all bytes are done.
enum Descriptor {
    /// Bytes of one write.
    ///
    /// A larger one makes the system look for larger pieces of memory, which in a virtual machine are often pieces that it
    /// has never used, and takes several times as long.
    private static let writeSize = 256 << 10

    /// Fills `buffer` from `offset` on; the file is at `path`.
    static func read(
        _ descriptor: CInt, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int, path: String
    ) throws(FileError) {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError(errnoAt: path) }
            guard count > 0 else { throw FileError(path, .truncated) }
            done += count
        }
    }

    /// Writes all of `bytes` at `offset`, or where the descriptor is when that is nil, as pipes and devices need it.
    static func write(
        _ descriptor: CInt, _ bytes: UnsafeRawBufferPointer, at offset: Int?, path: String
    ) throws(FileError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...].prefix(writeSize))
            let count =
                offset.map { pwrite(descriptor, rest.baseAddress, rest.count, off_t($0 + done)) }
                ?? Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError(errnoAt: path) }
            done += count
        }
    }

    /// What the open file is.
    static func status(_ descriptor: CInt, path: String) throws(FileError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(errnoAt: path) }
        return status
    }
}
