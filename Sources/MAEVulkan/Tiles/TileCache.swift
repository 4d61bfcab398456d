import Glibc
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
        // A pipe of that name is not waited for.
        let file = open(path(of: key), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(file, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let name = String(decoding: bytes[..<count], as: UTF8.self)
        return tiles.first { $0.name + "\n" == name }
    }

    /// Stores `tile` for `key`, whole or not at all.
    func store(_ tile: ProductTile, for key: SHA256Digest) {
        var folder = ""
        for part in directory.split(separator: "/") {
            folder += "/" + part
            mkdir(folder, 0o700)
        }
        var pattern = Array((path(of: key) + ".XXXXXX").utf8CString)
        let file = mkstemp(&pattern)
        guard file >= 0 else { return }
        let bytes = Array((tile.name + "\n").utf8)
        let isWritten = write(file, bytes, bytes.count) == bytes.count
        close(file)
        if !isWritten || rename(pattern, path(of: key)) != 0 { unlink(pattern) }
    }

    private func path(of key: SHA256Digest) -> String { "\(directory)/vulkan-tile-\(key)" }
}
