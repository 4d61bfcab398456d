import MAECheckpoint
import MAEExplain
import TestSupport

/// The thread's files in a folder of their own; PyTorch saved them.
final class ThreadSite: Sendable {
    let folder: TemporaryDirectory
    let files: ThreadFiles

    init() throws {
        folder = try TemporaryDirectory()
        files = try ThreadFiles(unpackingTo: folder.path)
    }

    /// A file of a script.
    func file(_ script: ThreadFiles.Script, _ name: String, maskRatio: Double? = nil) -> GivenFile {
        GivenFile(CheckpointReference("\(folder.path)/\(script.rawValue)/\(name)"), maskRatio: maskRatio)
    }

    /// Explains files, with the hub directory's configuration for state dicts.
    func explain(_ files: [GivenFile], _ change: (inout ExplainRequest) -> Void = { _ in }) throws -> Explanation {
        var request = ExplainRequest(files, configuration: self.files.hub)
        change(&request)
        return try Explainer().explain(request)
    }

    static let pickled = "vit_mae_from_hugging_face.pth"
    static let stale = "vit_mae_from_hugging_face.cpkt"
    static let weights = "vit_mae_from_hugging_face_statedict.pth"
}

extension Explanation {
    /// The codes of what was found, the most severe first.
    var codes: [String] { findings.map(\.code) }
}
