import MAEPictures
import MAEVerify

extension PlannedImages {
    /// The images on this machine, prepared as they were for the run; of a run on tensors these alone, whatever lies with them now.
    ///
    /// - Throws: `TensorError` for what is no images any more, `CheckpointError` for settings that are none.
    package func source() throws -> ImageSource {
        guard let preprocessing = try recordedPreprocessing() else { return try ImageSource(tensorsAt: path) }
        return try ImageSource(path: path) { preprocessing }
    }

    /// What was done to pictures; nil where the run had none.
    package func recordedPreprocessing() throws -> Preprocessing? {
        try preparation.map { try Preprocessing(settings: $0.settings, origin: "the run") }
    }
}
