import Foundation

/// What an image is made of, and how a container of it starts.
struct Image {
    /// Folders, the topmost first, with the files that each adds.
    var layers: [String]
    var environment: [String: String] = [:]
    var workingDirectory = "/"
    var user: String?
    var entryPoint: [String] = []
    var command: [String] = []
    var healthCheck: [String]?
    var stopSignal: String?
    var volumes: [String] = []

    /// Options for the script `enter`.
    var options: [String] {
        environment.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0.key)=\($0.value)"] }
            + ["--directory", workingDirectory]
    }

    /// Where a file or folder of the image lies: in the topmost layer that has it.
    func place(of path: String) -> String? {
        layers.lazy.map { $0 + path }.first(where: FileManager.default.fileExists)
    }

    /// Owner, group and mode of a folder of the image; nil when it has none there.
    func ownership(of path: String) throws -> [FileAttributeKey: Any]? {
        guard let place = place(of: path) else { return nil }
        let attributes = try FileManager.default.attributesOfItem(atPath: place)
        guard attributes[.type] as? FileAttributeType == .typeDirectory else {
            throw Failure(description: "\(path) is no folder, or a link: not understood")
        }
        return attributes.filter { [.ownerAccountID, .groupOwnerAccountID, .posixPermissions].contains($0.key) }
    }

    /// Makes a folder, and those that it lies in, in a layer that is to lie upon the image.
    ///
    /// A folder that the image has keeps its owner and mode: those of the topmost layer are what counts.
    func makeFolder(_ path: String, in layer: String) throws {
        var folder = ""
        for name in path.split(separator: "/") where name != "." {
            folder += "/" + name
            guard !FileManager.default.fileExists(atPath: layer + folder) else { continue }
            try FileManager.default.createDirectory(
                atPath: layer + folder, withIntermediateDirectories: false, attributes: ownership(of: folder))
        }
    }

    /// The image is not what an instruction or a container needs.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }
}
