import MAEFiles

/// Whole files of arrays: read into memory at once, written under a temporary name first.
enum NpyFile {
    /// Bytes a file may have; a larger one is refused before memory is taken for it.
    static let maximumByteCount = 1 << 34

    /// The bytes of the regular file at `path`.
    static func read(_ path: String) throws(TensorError) -> TensorStorage {
        do throws(FileError) {
            let file = try RegularFile(path)
            guard file.size <= maximumByteCount else {
                throw FileError(path, .tooLarge(size: file.size, limit: maximumByteCount))
            }
            var failure: FileError?
            let storage = TensorStorage(byteCount: file.size) { buffer in
                do throws(FileError) { try file.read(buffer) } catch { failure = error }
            }
            if let failure { throw failure }
            return storage
        } catch { throw unreadable(error) }
    }

    /// Makes `header` and then `elements` the content of the file at `path`.
    static func write(
        header: NpyHeader, elements: UnsafeRawBufferPointer, to path: String
    ) throws(TensorError) {
        try AtomicFile.write(to: path, failure: unwritable) { file throws(TensorError) in
            try file.append(header.encoded)
            try file.append(elements)
        }
    }

    private static func unreadable(_ error: FileError) -> TensorError {
        let text =
            switch error.problem {
            case .notRegular: "\(error.reason). Name a .npy file."
            case .tooLarge: "\(error.reason). Split the array."
            case .system, .cutShort: "cannot be read: \(error.reason). \(error.remedyForReading)"
            }
        return TensorError(.unreadableFile, path: error.path, text)
    }

    private static func unwritable(_ error: FileError) -> TensorError {
        TensorError(
            .unwritableFile, path: error.path, "cannot be written: \(error.reason). \(error.remedyForWriting)")
    }
}
