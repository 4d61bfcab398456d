import Glibc
import MAEFiles
import MAETensor

/// Remembers over processes which tile was found for a device: a small file for each, in a folder of the user's.
///
/// A cache is a hint. What cannot be read, or names no tile that fits the device, counts as absent; what cannot be written
/// is not. So a search is made again, and nothing worse happens.
package struct TileCache: Sendable {
    private let directory: String

    /// A cache in `directory`, which is made when something is stored.
    package init(directory: String) { self.directory = directory }

    /// `mae-cluster` in `XDG_CACHE_HOME`, else in `.cache` of the home; nil for users without a home.
    package static func ofUser(_ environment: (String) -> String? = Self.variable) -> TileCache? {
        // The specification of these folders has relative paths ignored.
        func folder(_ name: String) -> String? { environment(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }
        let caches = folder("XDG_CACHE_HOME") ?? folder("HOME").map { $0 + "/.cache" }
        return caches.map { TileCache(directory: $0 + "/mae-cluster") }
    }

    /// A variable of this process's environment.
    package static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// The tile stored for `key`, if it is one of `tiles`.
    func tile(for key: SHA256Digest, among tiles: [ProductTile]) -> ProductTile? {
        guard let bytes = try? RegularFile(path(of: key)).bytes(limit: 64) else { return nil }
        let name = String(decoding: bytes, as: UTF8.self)
        return tiles.first { $0.name + "\n" == name }
    }

    /// Stores `tile` for `key`, whole or not at all.
    func store(_ tile: ProductTile, for key: SHA256Digest) {
        try? Folder.make(directory, mode: 0o700)
        try? AtomicFile.write(
            (tile.name + "\n").utf8, to: path(of: key), AtomicFileOptions(durability: .none, mode: 0o600))
    }

    private func path(of key: SHA256Digest) -> String { "\(directory)/vulkan-tile-\(key)" }
}
