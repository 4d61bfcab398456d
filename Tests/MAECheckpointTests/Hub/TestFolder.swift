import Foundation
import MAEFiles
import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

/// A folder that a test fills with files, links and folders.
struct TestFolder {
    let directory: TemporaryDirectory
    let path: String

    /// Makes an empty folder of this name.
    init(_ name: String = "folder") throws {
        directory = try TemporaryDirectory()
        path = directory.file(name)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// The path of something in the folder.
    func file(_ name: String) -> String { path + "/" + name }

    /// Makes the folders above a file of the folder.
    private func makeParents(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: FileSystem.split(file(name)).folder, withIntermediateDirectories: true)
    }

    /// Writes a file.
    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        try makeParents(name)
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    }

    /// Writes files whose content does not matter.
    func add(_ names: String...) throws { for name in names { try write(name, "content".utf8) } }

    /// Copies a golden file or folder.
    func copy(_ golden: String, as name: String) throws {
        try makeParents(name)
        try FileManager.default.copyItem(atPath: GoldenWeights.path(golden), toPath: file(name))
    }

    /// Makes a link.
    func link(_ name: String, to target: String) throws {
        try makeParents(name)
        try FileManager.default.createSymbolicLink(atPath: file(name), withDestinationPath: target)
    }

    /// Why the folder, or something in it, is refused, in one line.
    func refusal(
        _ name: String? = nil, method: LoadingChoice = .automatic, configuration: String? = nil
    ) -> String {
        let error = #expect(throws: CheckpointError.self) {
            try ModelCheckpoint.open(name.map(file) ?? path, method: method, configuration: configuration)
        }
        let text = error?.description ?? ""
        #expect(!text.contains("\n"))
        return text
    }
}
