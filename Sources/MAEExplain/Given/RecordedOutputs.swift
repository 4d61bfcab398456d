import MAECheckpoint
import MAEFiles
import MAEFormats
import MAETensor
import MAEText
import MAEVerify

/// The outputs in one file.
struct RecordedOutputs {
    /// The outputs, in the order of the file; none for any file that looks like weights.
    private(set) var outputs: [RecordedOutput] = []
    /// What transformers returned next to them; nil where nothing was left out.
    private(set) var leftOut: LeftOutParts?

    /// Most arrays that a file of outputs may have.
    private static let mostArrays = 64

    /// No outputs.
    init() {}

    /// The arrays of a `.npy` or `.npz` file, or of a file of torch.save or safetensors that holds some and no weights.
    ///
    /// - Throws: ``TensorError`` for an array of NumPy that cannot be read or has another shape;
    ///   ``CheckpointError/Code/missing`` for a key that is not there or a file without an output of the encoder,
    ///   ``CheckpointError/Code/overBudget`` for more than ``OutputBudget/byteCount``, and others for files that cannot be
    ///   read.
    init(_ reference: CheckpointReference, _ budget: inout OutputBudget) throws {
        let file = try MappedFile(path: reference.path)
        do {
            try read(file, reference, &budget)
        } catch {
            try file.requireUnchanged()
            throw error
        }
        try file.requireUnchanged()
    }

    private mutating func read(
        _ file: MappedFile, _ reference: CheckpointReference, _ budget: inout OutputBudget
    ) throws {
        let path = file.path
        switch ContentKind(of: file.contents) {
        case .zip where try NpzArchive.isOne(file): try read(NpzArchive(file), reference, &budget)
        case .zip, .pickle:
            let torch = try TorchFile.read(file.contents, path: path)
            let found = OutputArrays(in: torch.root)
            try read(found.arrays.map { ($0.key, $0.tensor) }, reference, &budget)
            if !found.leftOut.isEmpty, !outputs.isEmpty || found.arrays.isEmpty {
                leftOut = LeftOutParts(label: FileSystem.split(path).name, parts: found.leftOut)
            }
            if let leftOut, outputs.isEmpty {
                throw CheckpointError(
                    .missing, path: path,
                    "holds \(leftOut.words), and no output of the encoder. Save model.vit(pixels).last_hidden_state.")
            }
            if !outputs.isEmpty { try torch.verifyChecksums() }
        case .safetensors: try read(SafetensorsFile(file).entries.map { ($0.name, $0.tensor) }, reference, &budget)
        case .other(let name, _) where name == "a NumPy array":
            try budget.take(npy: file.storage.bytes, size: file.size, of: path)
            outputs = [try Self.output(try Tensor(npy: path), path: path, key: "")]
        default: break
        }
    }

    private mutating func read(
        _ arrays: [(key: String, tensor: CheckpointTensor)], _ reference: CheckpointReference,
        _ budget: inout OutputBudget
    ) throws {
        guard arrays.count <= Self.mostArrays, !arrays.contains(where: { Self.isParameter($0.key) }) else { return }
        let usable = arrays.filter { _, tensor in
            tensor.dtype.isFloatingPoint && (tensor.shape.count == 2 || tensor.shape.count == 3)
        }
        try Self.requireKey(of: reference, among: usable.map(\.key))
        for (key, tensor) in usable where reference.weights == nil || reference.weights == key {
            try budget.take(tensor.count, of: reference.path)
            // A copy: the file may be written to later, while the output is compared.
            let values = try tensor.tensor()
            let copy = Tensor(shape: values.shape, elements: values.elements)
            if let output = RecordedOutput(path: reference.path, key: key, copy) {
                outputs.append(output)
            }
        }
    }

    private mutating func read(
        _ archive: NpzArchive, _ reference: CheckpointReference, _ budget: inout OutputBudget
    ) throws {
        try Self.requireKey(of: reference, among: archive.keys)
        for key in archive.keys where reference.weights == nil || reference.weights == key {
            let isNamed = reference.weights == key
            guard let content = try archive.contents(of: key, &budget) else { continue }
            do {
                let tensor = try Tensor(npyBytes: content, path: "\(reference.path)#\(key)")
                outputs.append(try Self.output(tensor, path: reference.path, key: key))
            } catch let error as TensorError where !isNamed && archive.keys.count > 1 && error.code != .malformedFile {
                // An array of indices among the others.
                continue
            }
        }
    }

    private static func output(_ values: Tensor, path: String, key: String) throws -> RecordedOutput {
        guard let output = RecordedOutput(path: path, key: key, values) else {
            throw TensorError(
                .unsupportedDType, path: key.isEmpty ? path : "\(path)#\(key)",
                "has shape \(values.shape); outputs are (images, hidden) or (images, tokens, hidden)")
        }
        return output
    }

    /// Throws when a key was named that is not there.
    private static func requireKey(of reference: CheckpointReference, among keys: [String]) throws {
        guard let key = reference.weights, !keys.isEmpty, !keys.contains(key) else { return }
        throw CheckpointError(
            .missing, path: reference.path,
            "has no output `\(key)`; it holds \(NumberText.list(keys.map { "`\($0)`" }, limit: 8)).")
    }

    /// Whether a name is that of a parameter: then the file is one of weights, which had to be read as such.
    private static func isParameter(_ key: String) -> Bool {
        let last = key.split(separator: ".").last.map(String.init) ?? key
        return ["weight", "bias", "cls_token", "mask_token", "pos_embed", "position_embeddings"].contains(last)
    }
}
