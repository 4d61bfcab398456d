import Foundation
import TestSupport

/// Named volumes, which take over owner and mode from the folder of the image that they are first mounted on.
struct Volumes {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    func path(_ name: String) -> String { folder.file(name) }

    /// Mounts of volumes by name, each where its value says.
    func mounts(
        _ places: [String: String], of image: Image, isWritable: Bool = true
    ) throws -> [(from: String, to: String, isWritable: Bool)] {
        try places.map { name, place in
            if !FileManager.default.fileExists(atPath: path(name)) {
                try FileManager.default.createDirectory(
                    atPath: path(name), withIntermediateDirectories: true, attributes: image.ownership(of: place))
            }
            return (path(name), place, isWritable)
        }
    }
}
