import Foundation

/// Where checkpoints are kept when nobody says otherwise.
enum CacheFolder {
    /// `mae-cluster/checkpoints` in the cache folder of the XDG base directories.
    static func usual(_ environment: [String: String]) -> String {
        // The specification has relative paths ignored.
        let given = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        let folder = given ?? FileManager.default.homeDirectoryForCurrentUser.path + "/.cache"
        return folder + "/mae-cluster/checkpoints"
    }
}
