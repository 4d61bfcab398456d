import Foundation

/// Where checkpoints are kept unless an option says otherwise.
enum CacheFolder {
    /// `mae-cluster/checkpoints` in the cache folder of the XDG base directories.
    static func `default`(_ environment: [String: String]) -> String {
        // The specification has relative paths ignored.
        func folder(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
        let home = folder("HOME") ?? FileManager.default.homeDirectoryForCurrentUser.path
        return (folder("XDG_CACHE_HOME") ?? home + "/.cache") + "/mae-cluster/checkpoints"
    }
}
