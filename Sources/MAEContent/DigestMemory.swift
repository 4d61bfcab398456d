import Foundation
import Glibc
import MAEFiles
import Synchronization

/// Remembers what files hold, so that a file that has not changed is not read again; between runs too.
///
/// A file is taken to be as it was when device, inode, size, time of the last write and time of the last change are: the last no
/// program can put back.
public final class DigestMemory: Sendable {
    /// Smaller files are read again rather than remembered over runs.
    static let minimumSize = 16 << 20
    /// Files that are remembered over runs; those remembered first go first.
    static let capacity = 128

    /// Bytes that a memory may have: its files have a chunk for each mebibyte.
    private static let mostBytes = 1 << 28

    private struct Entry: Codable {
        let identity: FileIdentity
        let content: FileContent
    }

    private let path: String?
    private let entries: Mutex<[Entry]>

    /// A memory that is kept in the file at `path`, or for the life of the process when that is nil.
    ///
    /// A file that cannot be read is a memory of nothing.
    public init(path: String? = nil) {
        self.path = path
        let stored = path.flatMap { try? RegularFile($0, followsLink: false).bytes(limit: Self.mostBytes) }
        entries = Mutex(stored.flatMap { try? JSONDecoder().decode([Entry].self, from: Data($0)) } ?? [])
    }

    /// What `file` holds: remembered, or read now as ``FileContent/init(reading:progress:)`` does.
    public func content(
        of file: ReadableFile, progress: @Sendable (Int) throws -> Void = { _ in }
    ) throws -> FileContent {
        if let known = entries.withLock({ $0.last { $0.identity == file.identity } }) {
            try progress(file.size)
            return known.content
        }
        let content = try FileContent(reading: file, progress: progress)
        if file.identity.isSettled { remember(Entry(identity: file.identity, content: content)) }
        return content
    }

    private func remember(_ entry: Entry) {
        let lasting = entries.withLock { entries in
            entries.append(entry)
            if entries.count > Self.capacity { entries.removeFirst() }
            return entries.filter { $0.content.size >= Self.minimumSize }
        }
        guard let path, entry.content.size >= Self.minimumSize else { return }
        // A memory that cannot be kept costs time, nothing else.
        guard let bytes = try? JSONEncoder().encode(lasting) else { return }
        try? Folder.make(FileSystem.split(path).folder)
        try? AtomicFile.write(bytes, to: path, AtomicFileOptions(durability: .none))
    }
}
