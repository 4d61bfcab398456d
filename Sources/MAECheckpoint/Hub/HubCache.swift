import Glibc
import MAEFiles
import MAEFormats

/// The folder in which the libraries of Hugging Face keep the models they fetched.
public struct HubCache: Sendable, Hashable {
    /// The folder, which need not exist; nil where the environment leads to none.
    public let path: String?

    /// The cache in a folder.
    public init(path: String) { self.path = path }

    /// The cache of a process with these environment variables, found as huggingface_hub finds it.
    public init(environment variable: (String) -> String?) {
        func folder(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }
        let home = folder("HOME")
        let cache = folder("XDG_CACHE_HOME") ?? home.map { $0 + "/.cache" }
        let library = folder("HF_HOME") ?? cache.map { $0 + "/huggingface" }
        let found =
            folder("HF_HUB_CACHE") ?? folder("HUGGINGFACE_HUB_CACHE") ?? library.map { $0 + "/hub" }
        // Nothing expands `~` in a file of settings.
        path = found.map { path in
            guard let home, path == "~" || path.hasPrefix("~/") else { return path }
            return home + path.dropFirst()
        }
    }

    /// The cache of this process.
    public static var `default`: HubCache { HubCache(environment: { getenv($0).map { String(cString: $0) } }) }

    /// Whether `text` is a model's name and no path: `owner/name`, where nothing is.
    ///
    /// What ends as files of weights do, such as `checkpoints/model.pth`, is a path.
    public static func isModelName(_ text: String) -> Bool {
        HubName(text) != nil && !FolderReport.isCheckpoint(text) && !FileSystem.isThere(text)
            && DanglingLink(onTheWayTo: text) == nil
    }

    /// The folder of the model that is called `text`, whether it was fetched or not; nil for what is no model's name.
    package func folder(ofModel text: String) -> String? {
        guard Self.isModelName(text), let path, let name = HubName(text) else { return nil }
        return path + "/" + name.folder
    }

    /// The model of this name; nil when it was not fetched.
    func repository(of name: HubName) -> HubRepository? { path.flatMap { HubRepository(at: $0 + "/" + name.folder) } }

    /// Every model in the cache, in the order of the alphabet.
    var repositories: [HubRepository] {
        guard let path else { return [] }
        return FileSystem.names(in: path).filter { HubName(folder: $0) != nil }
            .compactMap { HubRepository(at: path + "/" + $0) }
    }
}
