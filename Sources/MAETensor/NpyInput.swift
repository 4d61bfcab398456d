import MAEFiles

/// A `.npy` file that is open for reading.
final class NpyInput {
    /// Bytes a file may have; a larger one is refused before memory is taken for it.
    static let maximumByteCount = 1 << 34

    private let file: RegularFile

    /// Opens the regular file at `path`.
    init(_ path: String) throws(TensorError) {
        do { file = try RegularFile(path) } catch { throw Self.unreadable(error) }
        guard file.size <= Self.maximumByteCount else {
            throw Self.unreadable(FileError(path, .tooLarge(size: file.size, limit: Self.maximumByteCount)))
        }
    }

    var path: String { file.path }
    /// Size in bytes when it was opened.
    var byteCount: Int { file.size }

    /// The bytes of a part that lies within the size.
    func read(_ range: Range<Int>) throws(TensorError) -> TensorStorage {
        var failure: FileError?
        let storage = TensorStorage(byteCount: range.count) { buffer in
            do throws(FileError) { try file.read(buffer, at: range.lowerBound) } catch { failure = error }
        }
        if let failure { throw Self.unreadable(failure) }
        return storage
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
}
