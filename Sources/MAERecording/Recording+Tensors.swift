import MAEFormats
import MAETensor

extension Recording {
    /// The elements of a value of floating-point numbers as fp32, a copy of those in the file; nil where it was not kept whole.
    ///
    /// - Throws: ``CheckpointError`` for a tensor that is not the one whose digest the recording has, or that changed while
    ///   it was read.
    public func tensor(of value: Value) throws(CheckpointError) -> Tensor? {
        guard let name = value.tensor, let kept = tensors[name], kept.dtype.isFloatingPoint else { return nil }
        return try file.read { () throws(CheckpointError) in
            let view = try kept.tensor()
            let copy = Tensor(shape: view.shape, elements: view.elements)
            guard value.sha256 == nil || value.sha256 == copy.digest() else { throw contradiction(name) }
            return copy
        }
    }

    /// The elements of a value of int64, a copy of those in the file; nil where it was not kept whole.
    ///
    /// - Throws: as ``tensor(of:)``.
    public func integers(of value: Value) throws(CheckpointError) -> [Int64]? {
        guard let name = value.tensor, let kept = tensors[name], kept.dtype == .int64, kept.isContiguous else {
            return nil
        }
        return try file.read { () throws(CheckpointError) in
            let width = MemoryLayout<Int64>.size
            let bytes = Array(kept.storage.bytes[kept.byteOffset..<kept.byteOffset + kept.count * width])
            guard value.sha256 == nil || value.sha256 == SHA256Digest(of: bytes) else { throw contradiction(name) }
            return bytes.withUnsafeBytes { bytes in
                (0..<kept.count).map {
                    Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * width, as: Int64.self))
                }
            }
        }
    }

    private func contradiction(_ name: String) -> CheckpointError {
        CheckpointError(
            .contradiction, path: path, place: "tensor \(name)",
            "does not have the SHA-256 that the recording tells of it. The file is damaged; record again.")
    }
}
