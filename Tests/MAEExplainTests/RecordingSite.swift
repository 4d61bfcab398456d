import MAECheckpoint
import MAEExplain
import TestSupport

/// Recordings that mae_record made of one tiny ViT-MAE, and its checkpoint; `Tests/Reference/make_explain_recordings.py` wrote them.
enum RecordingSite {
    /// Path of a file.
    static func path(_ name: String) -> String { Goldens.path("explain/recordings/" + name) }

    /// Explains recordings by their names, and other files by theirs with the ending.
    static func explain(_ names: String...) throws -> Explanation {
        try explain(paths: names.map { path($0.contains(".") || $0 == "hub" ? $0 : $0 + ".safetensors") })
    }

    /// Explains files.
    static func explain(paths: [String]) throws -> Explanation {
        try Explainer().explain(ExplainRequest(paths.map { GivenFile(CheckpointReference($0)) }))
    }
}
