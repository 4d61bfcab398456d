import MAEFiles
import MAEFormats

/// The file or folder that is read for what a person named.
struct CheckpointPath {
    /// What is read: the path itself, or a snapshot of the hub cache.
    let path: String
    /// What there is to say of how it was found.
    let findings: [CheckpointFinding]

    /// Looks for `named`: a path, a hub cache or a model's folder in it, or a model's name.
    ///
    /// A name such as `facebook/vit-mae-base` is looked for in `cache` when nothing is at that path. Any other path is
    /// taken as it is, whatever is there. Throws ``CheckpointError`` for a model that is not in the cache, and when
    /// nothing says which snapshot is meant.
    init(_ named: String, in cache: HubCache) throws(CheckpointError) {
        let repository =
            FileSystem.isDirectory(named)
            ? try Self.repository(at: named) : try Self.repository(named: named, in: cache)
        guard let repository else {
            path = named
            findings = []
            return
        }
        let snapshot = try repository.snapshot()
        path = snapshot.path
        let name = repository.name.map { " of \($0)" } ?? ""
        findings = [
            CheckpointFinding(
                .hubCommit, at: CheckpointLocation(path: named),
                "commit \(snapshot.commit)\(name), \(snapshot.reason) in the hub cache, was read.")
        ]
    }

    /// The model whose folder is at `path`, around it or alone in it; nil for a folder that is no part of a cache.
    private static func repository(at path: String) throws(CheckpointError) -> HubRepository? {
        guard !HubDirectory.isOne(path) else { return nil }
        if let repository = HubRepository(at: path) { return repository }
        let (folder, name) = FileSystem.split(FileSystem.realPath(path) ?? path)
        if HubRepository.parts.contains(name), let repository = HubRepository(at: folder) { return repository }
        // HF_HOME has the cache inside.
        let place = FolderContents.withoutSlash(path)
        for root in [place, place + "/hub"] {
            let repositories = HubCache(path: root).repositories
            guard repositories.count > 1 else {
                if let only = repositories.first { return only }
                continue
            }
            let names = repositories.compactMap { $0.name?.description }
            throw CheckpointError(
                .missing, path: path,
                "is a hub cache of \(repositories.count) models: \(FolderContents.list(names)). "
                    + "Name the folder of one, such as \(repositories[0].path).")
        }
        return nil
    }

    /// The model of this name; nil for what is no model's name, or a path where something is.
    private static func repository(
        named text: String, in cache: HubCache
    ) throws(CheckpointError) -> HubRepository? {
        guard HubCache.isModelName(text), let name = HubName(text) else { return nil }
        if let repository = cache.repository(of: name) { return repository }
        let place = cache.path.map { "in the hub cache \($0)" } ?? "in a hub cache: HF_HUB_CACHE and HOME are not set"
        throw CheckpointError(
            .unreadableFile, path: text,
            "is no file or folder here, and no model of this name is \(place). Check the spelling, or fetch the model "
                + "with `hf download \(name)`.")
    }
}
