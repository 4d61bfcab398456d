import Glibc
import MAETensor

/// A file of the cache that is being filled, by the one process that holds its lock.
///
/// Which chunks it has is told by their bytes alone: whoever takes it over, after a crash too, compares them with the digests
/// that they must have.
public final class PartialFile {
    /// What the file will hold.
    public let content: FileContent
    private let path: String
    private let lock: FileLock
    private var present: [Bool]

    /// Bytes of one write.
    ///
    /// A larger one makes the system look for larger pieces of memory, which in a virtual machine are
    /// often pieces that it has never used, and takes several times as long.
    private static let writeSize = 256 << 10

    /// Opens or makes the file; nil when somebody else fills it.
    ///
    /// Which chunks it has is not known before ``verify(_:)``.
    init?(_ path: String, _ content: FileContent) throws {
        guard let lock = try FileLock(path, .exclusive, flags: O_RDWR | O_CREAT) else { return nil }
        self.lock = lock
        self.path = path
        self.content = content
        present = [Bool](repeating: false, count: content.chunks.count)
    }

    /// Finds out which chunks have the bytes that they must have; `progress` is told of more bytes that were looked at.
    func verify(_ progress: @Sendable (Int) throws -> Void) throws {
        let there = try FileContent(reading: ReadableFile(path), progress: progress).chunks
        for (index, digest) in content.chunks.enumerated() {
            present[index] = index < there.count && there[index] == digest
        }
    }

    /// Indices of the chunks that lack.
    public var missing: [Int] { present.indices.filter { !present[$0] } }

    /// Bytes that are there.
    public var byteCount: Int {
        present.indices.reduce(0) { $0 + (present[$1] ? content.range(ofChunk: $1).count : 0) }
    }

    /// Writes the bytes of a chunk; false when they are not those it must have.
    public func write(chunk index: Int, _ bytes: UnsafeRawBufferPointer) throws(ContentError) -> Bool {
        let range = content.range(ofChunk: index)
        guard bytes.count == range.count, SHA256Digest(of: bytes) == content.chunks[index] else { return false }
        try write(bytes, at: range.lowerBound)
        present[index] = true
        return true
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ContentError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...].prefix(Self.writeSize))
            let count = pwrite(lock.descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("cannot be written")
            }
            done += count
        }
    }

    /// Gives the whole file its name at `finishedPath`, read-only; it has no chunk that lacks.
    func finish(as finishedPath: String) throws(ContentError) {
        precondition(missing.isEmpty, "a file is finished when it is whole")
        // Not flushed to the disk: what a power cut leaves is verified before it is used.
        guard ftruncate(lock.descriptor, off_t(content.size)) == 0, fchmod(lock.descriptor, 0o444) == 0,
            rename(path, finishedPath) == 0
        else { throw failure("cannot be given its name") }
    }

    /// Removes the file.
    func discard() { unlink(path) }

    private func failure(_ what: String) -> ContentError {
        ContentError(.unwritable, path: path, number: errno, what)
    }
}
