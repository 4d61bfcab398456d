import MAEFormats
import MAETensor

/// A file of `numpy.savez`: a zip archive of `.npy` files.
struct NpzArchive {
    private static let ending = ".npy"
    private let archive: ZipArchive

    /// The names of the arrays, in the order of the file.
    let keys: [String]

    /// Whether a zip archive holds arrays of NumPy and nothing of PyTorch.
    static func isOne(_ file: MappedFile) throws -> Bool {
        let names = try ZipArchive(file.contents, path: file.path).entries.map(\.name)
        return !names.isEmpty && names.allSatisfy { $0.hasSuffix(ending) }
    }

    /// Reads the directory of the archive.
    init(_ file: MappedFile) throws {
        archive = try ZipArchive(file.contents, path: file.path)
        keys = archive.entries.map { String($0.name.dropLast(Self.ending.count)) }
    }

    /// The `.npy` file of an array, inflated where it was deflated; nil when there is none of this name.
    ///
    /// Throws ``CheckpointError/Code/overBudget`` before memory is taken for more than the budget.
    func contents(of key: String, _ budget: inout OutputBudget) throws -> TensorStorage? {
        guard let entry = archive.entry(named: key + Self.ending) else { return nil }
        var inflating = budget
        try inflating.take(entry.size / MemoryLayout<Double>.stride, of: archive.path)
        let contents = try archive.verifiedContents(of: entry)
        try budget.take(npy: contents.tensorStorage.bytes, size: entry.size, of: archive.path)
        return contents.tensorStorage
    }
}
