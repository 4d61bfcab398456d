import MAETensor
import MAEThreads
import Synchronization

extension FileContent {
    /// Reads a whole file, on several threads, and takes the digests of its chunks.
    ///
    /// `progress` is told, on any thread, how many more bytes were read, and ends the reading by throwing. Throws
    /// ``ContentError/Code/changed`` when the file is written to meanwhile, and ``ContentError/Code/unreadable`` for one of more
    /// than ``maximumSize``.
    public init(reading file: ReadableFile, progress: @Sendable (Int) throws -> Void = { _ in }) throws {
        // As many threads as there are processors, within reason.
        try self.init(
            reading: file, threads: min(16, ParallelLoop.processorCount), progress: progress)
    }

    /// Reads a whole file on so many threads.
    init(reading file: ReadableFile, threads: Int, progress: @Sendable (Int) throws -> Void = { _ in }) throws {
        guard file.size <= Self.maximumSize else {
            throw ContentError(
                .unreadable, path: file.path,
                "has \(file.size) bytes, where at most \(Self.maximumSize) are read; name a checkpoint")
        }
        let count = Self.chunkCount(size: file.size)
        let work = Mutex((next: 0, digests: [SHA256Digest?](repeating: nil, count: count), error: nil as (any Error)?))
        let readers = max(1, min(threads, count))
        // Each takes chunks until none is left, in a buffer of its own.
        ParallelLoop.run("mae-digests", count: readers, threads: readers) { _ in
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkSize, alignment: 64)
            defer { buffer.deallocate() }
            while true {
                let index = work.withLock { work -> Int? in
                    guard work.next < count, work.error == nil else { return nil }
                    defer { work.next += 1 }
                    return work.next
                }
                guard let index else { return }
                do {
                    let start = index * Self.chunkSize
                    let chunk = UnsafeMutableRawBufferPointer(
                        rebasing: buffer[..<min(Self.chunkSize, file.size - start)])
                    try file.read(chunk, at: start)
                    let digest = SHA256Digest(of: UnsafeRawBufferPointer(chunk))
                    work.withLock { $0.digests[index] = digest }
                    try progress(chunk.count)
                } catch {
                    work.withLock { $0.error = $0.error ?? error }
                    return
                }
            }
        }
        let (_, digests, error) = work.withLock { $0 }
        if let error { throw error }
        try file.requireUnchanged()
        guard let content = FileContent(size: file.size, chunks: digests.compactMap { $0 }) else {
            preconditionFailure("a digest was taken of each chunk")
        }
        self = content
    }
}
