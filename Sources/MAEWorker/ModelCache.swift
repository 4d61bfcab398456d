import MAECheckpoint
import MAEContent
import MAEDomain
import MAEEngine
import MAEFiles
import MAETensor
import MAEWire

/// The models loaded last, as long as their files stay as they were.
struct ModelCache {
    /// What a model was loaded from.
    struct Key: Hashable, Sendable {
        let path: String
        let weights: String?
        let method: LoadingChoice
        let configuration: String?
        let files: [SHA256Digest?]

        /// What `job` wants loaded.
        init(_ job: JobRequest) {
            path = job.checkpoint
            weights = job.weights
            method = LoadingChoice(job.method)
            configuration = job.configuration
            files = [job.checkpointFiles, job.configurationFiles]
        }
    }

    /// A model, and where its files lie.
    struct Model: Sendable {
        let loaded: LoadedModel
        let place: CheckpointPlace
    }

    /// Models that are kept: the coordinator groups shards by method, so few are needed.
    private static let capacity = 2

    private struct Entry {
        let key: Key
        let model: Model
        let files: [FileIdentity?]
    }

    /// The model used last stands last.
    private var entries: [Entry] = []

    /// The model of `key`; nil when it is not there, or one of its files was replaced or changed.
    subscript(key: Key) -> Model? {
        mutating get {
            guard let index = entries.firstIndex(where: { $0.key == key }) else { return nil }
            let entry = entries.remove(at: index)
            // The time of change says nothing here: each use of a file of the cache sets it.
            let isUnchanged = Self.identities(of: entry.model)
                .elementsEqual(entry.files, by: FileIdentity.haveSameContent)
            guard isUnchanged else { return nil }
            entries.append(entry)
            return entry.model
        }
    }

    /// Forgets the model used longest ago when there is no room for another one.
    mutating func makeRoom() {
        if entries.count == Self.capacity { entries.removeFirst() }
    }

    /// Forgets every model; returns whether there was one.
    mutating func empty() -> Bool {
        defer { entries = [] }
        return !entries.isEmpty
    }

    /// Keeps a model.
    mutating func insert(_ model: Model, _ key: Key) {
        entries.append(Entry(key: key, model: model, files: Self.identities(of: model)))
    }

    private static func identities(of model: Model) -> [FileIdentity?] {
        let place = [model.place.checkpoint, model.place.configuration].compactMap { $0?.path }
        let paths = model.loaded.checkpoint.files.map(\.path) + place
        return paths.map(FileIdentity.init)
    }
}
