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
            guard value.sha256 == nil || value.sha256 == copy.digest() else {
                throw CheckpointError(
                    .contradiction, path: path, place: "tensor \(name)",
                    "does not have the SHA-256 that the recording tells of it. The file is damaged; record again.")
            }
            return copy
        }
    }
}
