import Foundation
import TestSupport

/// A golden hub directory copied to a place where it can be spoilt.
struct HubCopy {
    let folder: TemporaryDirectory
    let path: String

    init(of name: String) throws {
        folder = try TemporaryDirectory()
        path = folder.file("hub")
        try FileManager.default.copyItem(atPath: GoldenWeights.path(name), toPath: path)
    }

    func copy(_ golden: String, as name: String) throws {
        try FileManager.default.copyItem(atPath: GoldenWeights.path(golden), toPath: path + "/" + name)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }

    func text(_ name: String) throws -> String {
        try String(contentsOf: URL(fileURLWithPath: path + "/" + name), encoding: .utf8)
    }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    }
}
