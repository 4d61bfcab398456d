import Foundation

/// A folder of its own for whatever a benchmark makes, which goes when this does.
final class ScratchFolder {
    let path: String

    /// Makes an empty folder.
    init() throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("mae-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        path = place.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Makes a folder inside and returns its path.
    func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
        return path + "/" + name
    }
}
