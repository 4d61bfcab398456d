import Glibc
import MAECheckpoint
import MAEEngine

/// The models loaded last, as long as their files stay as they were.
struct ModelCache {
    /// What a model was loaded from.
    struct Key: Hashable, Sendable {
        let path: String
        let method: LoadingMethod
        let configuration: String?
    }

    /// Models that are kept: the coordinator groups shards by method, so few are needed.
    private static let capacity = 2

    private struct Entry {
        let key: Key
        let model: LoadedModel
        let files: [FileIdentity?]
    }

    /// The model used last stands last.
    private var entries: [Entry] = []

    /// The model of `key`; nil when it is not there, or one of its files was replaced or changed.
    subscript(key: Key) -> LoadedModel? {
        mutating get {
            guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
            let entry = entries.remove(at: index)
            guard Self.identities(of: entry.model, key) == entry.files else { return nil }
            entries.append(entry)
            return entry.model
        }
    }

    /// Forgets the model used longest ago when there is no room for another one.
    mutating func makeRoom() {
        if entries.count == Self.capacity { entries.removeFirst() }
    }

    /// Keeps a model.
    mutating func insert(_ model: LoadedModel, _ key: Key) {
        entries.append(Entry(key: key, model: model, files: Self.identities(of: model, key)))
    }

    private static func identities(of model: LoadedModel, _ key: Key) -> [FileIdentity?] {
        let paths = model.checkpoint.files.map(\.path) + [key.path] + (key.configuration.map { [$0] } ?? [])
        return paths.map(FileIdentity.init)
    }
}

/// Tells a file that was replaced or written to from one that was not.
struct FileIdentity: Hashable, Sendable {
    private let device: dev_t
    private let number: ino_t
    private let size: off_t
    private let seconds: Int
    private let nanoseconds: Int

    /// The identity of the file at `path` now; nil when there is none.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = status.st_dev
        number = status.st_ino
        size = status.st_size
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }
}
