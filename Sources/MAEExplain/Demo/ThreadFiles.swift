import CMAEDemo
import Foundation
import MAECheckpoint
import MAEFiles
import MAEFormats
import MAETensor

/// The files of the forum thread that this project answers, as PyTorch saved them: both scripts, with a tiny model.
public struct ThreadFiles: Sendable {
    /// One of the thread's two scripts.
    public enum Script: String, Sendable, CaseIterable {
        /// Every model masks 75 % of the patches.
        case first
        /// The ratio was set to 0 and the model saved, but the file of before was loaded as the second model.
        case second
    }

    /// The folder that they were written to.
    public let folder: String

    /// How long before the others the file was written that the thread loads by mistake: three days, in seconds.
    static let age = 3 * 86_400.0
    private static let name = "vit_mae_from_hugging_face"

    /// Writes all files below `folder`, which is made when it does not exist.
    ///
    /// - Throws: ``CheckpointError`` when they cannot be written.
    public init(unpackingTo folder: String) throws(CheckpointError) {
        self.folder = folder
        var size = 0
        let start = mae_demo_thread(&size)
        let bytes = ByteView(copying: UnsafeRawBufferPointer(start: start, count: size))
        let archive = try ZipArchive(bytes, path: "the thread's files")
        for entry in archive.entries {
            let path = folder + "/" + entry.name
            let contents = try archive.contents(of: entry)
            do {
                try Folder.make(FileSystem.split(path).folder)
                try AtomicFile.write(contents.bytes, to: path)
                guard path.hasSuffix(".cpkt") else { continue }
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -Self.age)], ofItemAtPath: path)
            } catch let error as FileError {
                throw CheckpointError(
                    .unwritableFile, path: path, "cannot be written: \(error.reason). \(error.remedyForWriting)")
            } catch {
                throw CheckpointError(
                    .unwritableFile, path: path, "cannot be written: \(error.localizedDescription)")
            }
        }
    }

    /// The hub directory that the models were loaded from.
    public var hub: String { path("vit-mae") }

    /// A file as it is named in commands; by its name alone where the files are in the current folder.
    private func path(_ name: String) -> String { folder == "." ? name : "\(folder)/\(name)" }

    /// The models of a script in the order in which it runs them, and the outputs that PyTorch gave.
    public func files(_ script: Script) -> [GivenFile] {
        let place = path(script.rawValue) + "/"
        // What the script sets in Python is not in a state dict.
        let ratio = script == .second ? 0.0 : nil
        return [
            GivenFile(CheckpointReference(place + Self.name + ".pth")),
            GivenFile(CheckpointReference(place + Self.name + ".cpkt")),
            GivenFile(CheckpointReference(place + Self.name + "_statedict.pth"), maskRatio: ratio),
        ]
            + (script == .first
                ? (1...3).map { GivenFile(CheckpointReference("\(place)out\($0).npy")) }
                : [GivenFile(CheckpointReference(place + "layer_outputs.pt"))])
    }

    /// The request that explains a script.
    public func request(_ script: Script) -> ExplainRequest {
        ExplainRequest(files(script), configuration: hub)
    }
}
