import MAEPictures
import MAEVerify

extension PlannedImages {
    /// The images on this machine, prepared as they were for the run.
    ///
    /// - Throws: `TensorError` for what is no images any more, `CheckpointError` for settings that are none.
    package func source() throws -> ImageSource {
        try ImageSource(path: path) { try recordedPreprocessing() }
    }

    /// What is done to pictures; what ViT-MAE does where the run had none.
    package func recordedPreprocessing() throws -> Preprocessing {
        guard let preparation else { return .viTMAE(.standard) }
        return try Preprocessing(settings: preparation.settings, origin: "the run")
    }
}
