import MAEFiles

/// Whole files of arrays, written under a temporary name first.
enum NpyFile {
    /// Makes `header` and then `elements` the content of the file at `path`.
    static func write(
        header: NpyHeader, elements: UnsafeRawBufferPointer, to path: String
    ) throws(TensorError) {
        try AtomicFile.write(to: path, failure: unwritable) { file throws(TensorError) in
            try file.append(header.encoded)
            try file.append(elements)
        }
    }

    private static func unwritable(_ error: FileError) -> TensorError {
        TensorError(
            .unwritableFile, path: error.path, "cannot be written: \(error.reason). \(error.remedyForWriting)")
    }
}
