import Glibc
import MAEFiles
import MAETensor

/// A file of the cache that is being filled, by the one process that holds its lock.
///
/// Which chunks it has is told by their bytes alone: a process that takes it over, after a crash too, compares them with the
/// digests that they must have.
public final class PartialFile {
    /// What the file will hold.
    public let content: FileContent
    private let path: String
    private let file: LockedFile
    private var present: [Bool]

    /// Opens or makes the file; nil when another process fills it.
    ///
    /// Which chunks it has is not known before ``verify(_:)``.
    init?(_ path: String, _ content: FileContent) throws {
        guard let file = try LockedFile.ofCache(path, .exclusive, for: .writing) else { return nil }
        self.file = file
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
        do { try file.write(bytes, at: range.lowerBound) } catch {
            throw ContentError(.unwritable, error, "cannot be written")
        }
        present[index] = true
        return true
    }

    /// Gives the whole file its name at `finishedPath`, read-only; it has no chunk that lacks.
    func finish(as finishedPath: String) throws(ContentError) {
        precondition(missing.isEmpty, "a file is finished when it is whole")
        // Not flushed to the disk: what a power cut leaves is verified before it is used.
        do throws(FileError) {
            try file.resize(content.size)
            try file.permit(0o400)
            guard rename(path, finishedPath) == 0 else { throw FileError(path, .system(errno)) }
        } catch { throw ContentError(.unwritable, error, "cannot be given its name") }
    }

    /// Removes the file.
    func discard() { unlink(path) }
}
