import MAEFormats
import MAETensor

/// The tensors of a checkpoint as the parameters of one model: each present once, each of its shape.
struct ParameterBinding {
    /// The tensors, by canonical name.
    let tensors: [String: CheckpointTensor]

    /// Most names that one message lists.
    private static let listedNames = 8

    /// The recognized tensors by canonical name, fused ones cut into their parts.
    ///
    /// Throws ``CheckpointError/Code/contradiction`` when two keys hold one parameter or a fused one cannot be cut.
    static func recognized(
        _ entries: [RawCheckpoint.Entry], naming: ParameterNaming, path: String
    ) throws(CheckpointError) -> [String: CheckpointTensor] {
        if let canonical = TensorOrder.sorted(naming.duplicates.keys).first, let keys = naming.duplicates[canonical] {
            throw CheckpointError(
                .contradiction, path: path, place: canonical,
                "is held by \(keys.count) tensors: \(keys.joined(separator: ", ")). "
                    + "Save the state dict of one model under one set of names.")
        }
        let byKey = Dictionary(entries.map { ($0.key, $0.tensor) }, uniquingKeysWith: { $1 })
        var tensors: [String: CheckpointTensor] = [:]
        for (canonical, source) in naming.sources {
            guard let whole = byKey[source.key] else { continue }
            tensors[canonical] =
                source.fusedCount == 1 ? whole : try whole.rows(part: source.fusedIndex, of: source.fusedCount)
        }
        for prefix in SplitBiases(names: tensors.keys).prefixes {
            guard let query = tensors[prefix + "query.bias"] else { continue }
            tensors[prefix + "key.bias"] = try .zeros(like: query)
        }
        return tensors
    }

    /// Binds recognized tensors to a layout.
    ///
    /// Throws ``CheckpointError/Code/missing`` or ``CheckpointError/Code/contradiction``, naming the parameters; nothing
    /// is ever made up for a missing one.
    init(
        _ recognized: [String: CheckpointTensor], to layout: ParameterLayout, naming: ParameterNaming, path: String
    ) throws(CheckpointError) {
        func inFile(_ canonical: String) -> String {
            let key = naming.dialect.map { naming.prefix + $0.key(of: canonical) } ?? canonical
            return key == canonical ? canonical : "\(canonical) (here \(key))"
        }
        let missing = layout.parameters.filter { recognized[$0.name] == nil }
        guard missing.isEmpty else {
            throw CheckpointError(
                .missing, path: path,
                "\(missing.count) of \(layout.parameters.count) parameters are not in the file: "
                    + Self.list(missing.map { inFile($0.name) })
                    + ". Nothing is drawn in their place: save the whole model, or give the configuration it has.")
        }
        let misshapen = layout.parameters.filter { recognized[$0.name]?.shape != $0.shape }
        guard misshapen.isEmpty else {
            throw CheckpointError(
                .contradiction, path: path,
                "\(misshapen.count) parameters have another shape than the configuration asks for: "
                    + Self.list(
                        misshapen.map { "\(inFile($0.name)) is \(recognized[$0.name]?.shape ?? []), not \($0.shape)" })
                    + ". Give the configuration of this model.")
        }
        let names = Set(layout.parameters.map(\.name))
        tensors = recognized.filter { names.contains($0.key) }
    }

    /// The first few names, and how many more there are.
    static func list(_ names: [String]) -> String {
        let more = names.count - listedNames
        return names.prefix(listedNames).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}

extension CheckpointTensor {
    /// A tensor of zeros of the type and shape of another.
    fileprivate static func zeros(like other: CheckpointTensor) throws(CheckpointError) -> CheckpointTensor {
        let storage = TensorStorage(byteCount: other.dtype.byteWidth) { bytes in
            for index in bytes.indices { bytes[index] = 0 }
        }
        return try CheckpointTensor(
            dtype: other.dtype, shape: other.shape, strides: other.shape.map { _ in 0 }, storage: storage,
            byteOffset: 0, location: other.location)
    }

    /// Block `index` of `count` equal blocks of rows, looking at the same bytes.
    fileprivate func rows(part index: Int, of count: Int) throws(CheckpointError) -> CheckpointTensor {
        guard let rows = shape.first, rows % count == 0, let stride = strides.first else {
            throw CheckpointError(
                .contradiction, at: location,
                "of shape \(shape) should hold query, key and value below each other; its rows do not part in \(count). "
                    + "The file is no ViT-MAE, or damaged.")
        }
        var part = try CheckpointTensor(
            dtype: dtype, shape: [rows / count] + shape.dropFirst(), strides: strides, storage: storage,
            byteOffset: byteOffset + index * (rows / count) * stride * dtype.byteWidth, location: location)
        for mask in masks { part.masks.append(try mask.rows(part: index, of: count)) }
        return part
    }
}
