import MAEFiles

/// A file of a checkpoint that is being written, and appears under its name only when it is whole.
package typealias CheckpointOutput = AtomicFile<CheckpointError>

extension AtomicFile where Failure == CheckpointError {
    /// Writes a file at `path` through `body`, which may replace an existing file.
    ///
    /// Throws ``CheckpointError/Code/unwritableFile`` when the system refuses, and whatever `body` throws.
    package static func write(
        to path: String, _ body: (inout CheckpointOutput) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        try write(
            to: path,
            failure: {
                CheckpointError(
                    .unwritableFile, path: $0.path, "cannot be written: \($0.reason). \($0.remedyForWriting)")
            }, body)
    }
}
