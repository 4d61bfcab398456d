import MAEFiles

/// The bytes of a `.npy` file: on a disk, read part by part, or in memory.
struct NpyInput {
    /// Bytes a file may have; a larger one is refused before memory is taken for it.
    static let maximumByteCount = 1 << 34

    private enum Source {
        case file(RegularFile)
        case memory(TensorStorage)
    }

    /// Where the bytes come from, for messages.
    let path: String
    /// Number of bytes.
    let byteCount: Int
    private let source: Source

    /// Opens the regular file at `path`.
    init(_ path: String) throws(TensorError) {
        let file: RegularFile
        do { file = try RegularFile(path) } catch { throw Self.unreadable(error) }
        guard file.size <= Self.maximumByteCount else {
            throw Self.unreadable(FileError(path, .tooLarge(size: file.size, limit: Self.maximumByteCount)))
        }
        (self.path, byteCount, source) = (path, file.size, .file(file))
    }

    /// The bytes of `storage`.
    init(_ storage: TensorStorage, path: String) {
        (self.path, byteCount, source) = (path, storage.bytes.count, .memory(storage))
    }

    /// The bytes of a part that lies within the size.
    func read(_ range: Range<Int>) throws(TensorError) -> TensorStorage {
        var failure: FileError?
        let storage = TensorStorage(byteCount: range.count) { buffer in
            switch source {
            case .file(let file):
                do throws(FileError) { try file.read(buffer, at: range.lowerBound) } catch { failure = error }
            case .memory(let storage): buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage.bytes[range]))
            }
        }
        if let failure { throw Self.unreadable(failure) }
        return storage
    }

    private static func unreadable(_ error: FileError) -> TensorError {
        let text =
            switch error.problem {
            case .notRegular: "\(error.reason). Name a .npy file."
            case .tooLarge: "\(error.reason). Split the array."
            case .system, .truncated, .foreignLink, .notOwn, .foreignFolder, .openFolder:
                "cannot be read: \(error.reason). \(error.remedyForReading)"
            }
        return TensorError(.unreadableFile, path: error.path, text)
    }
}
