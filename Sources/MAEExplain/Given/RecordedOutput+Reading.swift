import MAECheckpoint
import MAEFormats
import MAETensor

extension RecordedOutput {
    /// Most arrays that a file of outputs may have.
    static let mostArrays = 64

    /// The arrays of a `.npy` file, or of a file of torch.save or safetensors that holds some and no weights.
    ///
    /// - Returns: none for any file that looks like weights.
    /// - Throws: ``TensorError`` for a `.npy` file that cannot be read or has another shape, ``CheckpointError`` for others
    ///   that cannot be read.
    static func read(_ reference: CheckpointReference) throws -> [RecordedOutput] {
        let path = reference.path
        let file = try MappedFile(path: path)
        switch ContentKind(of: file.contents) {
        case .zip, .pickle: return try arrays(torch: file, reference)
        case .safetensors: return try arrays(safetensors: file, reference)
        case .other(let name, _) where name == "a NumPy array":
            let values = try Tensor(npy: path)
            guard let output = RecordedOutput(path: path, key: "", values) else {
                throw TensorError(
                    .malformedFile, path: path,
                    "has shape \(values.shape); outputs are (images, hidden) or (images, tokens, hidden)")
            }
            return [output]
        default: return []
        }
    }

    private static func arrays(torch file: MappedFile, _ reference: CheckpointReference) throws -> [RecordedOutput] {
        let torch = try TorchFile.read(file.contents, path: reference.path)
        var arrays: [(key: String, tensor: CheckpointTensor)] = []
        torch.root.walk { visit in
            if let tensor = visit.value.tensor?.tensor, arrays.count <= mostArrays {
                arrays.append((visit.path.names.joined(separator: "."), tensor))
            }
            return arrays.count <= mostArrays
        }
        let outputs = try outputs(among: arrays, reference)
        if !outputs.isEmpty { try torch.verifyChecksums() }
        return outputs
    }

    private static func arrays(
        safetensors file: MappedFile, _ reference: CheckpointReference
    ) throws -> [RecordedOutput] {
        try outputs(among: SafetensorsFile(file).entries.map { ($0.name, $0.tensor) }, reference)
    }

    private static func outputs(
        among arrays: [(key: String, tensor: CheckpointTensor)], _ reference: CheckpointReference
    ) throws -> [RecordedOutput] {
        guard arrays.count <= mostArrays, !arrays.contains(where: { isParameter($0.key) }) else { return [] }
        return try arrays.compactMap { key, tensor in
            guard tensor.dtype.isFloatingPoint, reference.weights == nil || reference.weights == key else { return nil }
            guard tensor.shape.count == 2 || tensor.shape.count == 3 else { return nil }
            return RecordedOutput(path: reference.path, key: key, try tensor.tensor())
        }
    }

    /// Whether a name is that of a parameter: then the file is one of weights, which had to be read as such.
    private static func isParameter(_ key: String) -> Bool {
        let last = key.split(separator: ".").last.map(String.init) ?? key
        return ["weight", "bias", "cls_token", "mask_token", "pos_embed", "position_embeddings"].contains(last)
    }
}
