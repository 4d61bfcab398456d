import MAEContent
import MAECoordinator
import MAETensor
import MAEVerify

/// The files that a run began with, read again to see whether they are still the same.
struct RecordedFiles {
    let plan: RunPlan
    let memory: DigestMemory

    /// What the plan says of the files at some paths, as far as this machine had them.
    func at(_ paths: [String]) -> [CheckpointFiles] { (plan.checkpoints ?? []).filter { paths.contains($0.path) } }

    /// The digest of what is there now.
    ///
    /// `progress` is told how many bytes of how many were read, and ends the reading by throwing. Throws `CheckpointError`,
    /// `TensorError` and `ContentError` for what cannot be read.
    func digest(
        of files: CheckpointFiles,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws -> SHA256Digest {
        try DigestedFiles(PlannedCheckpoints.listing(files.role, at: files.path), memory: memory, progress: progress)
            .manifest.digest
    }
}
