import MAEFormats

/// Weights as `torch.nn.utils.prune` keeps them: `weight_orig` and `weight_mask`, whose product is the weight.
///
/// A pruned module multiplies them before each forward pass, so the product is what PyTorch computes with.
struct PrunedWeights {
    /// The tensors, each pair of original and mask made one under the name of the parameter.
    let entries: [RawCheckpoint.Entry]
    /// Names of the parameters that are such products, in the order of the file.
    let pruned: [String]

    private static let originalEnding = "_orig"
    private static let maskEnding = "_mask"

    /// Joins the pairs among `entries`; everything else stays as it is.
    init(_ entries: [RawCheckpoint.Entry]) throws(CheckpointError) {
        let masks = Dictionary(
            entries.filter { $0.key.hasSuffix(Self.maskEnding) }.map { ($0.key, $0.tensor) }
        ) { first, _ in first }
        let keys = masks.isEmpty ? [] : Set(entries.map(\.key))
        var joined: [RawCheckpoint.Entry] = []
        var pruned: [String] = []
        for entry in entries {
            let name = String(entry.key.dropLast(Self.originalEnding.count))
            guard entry.key.hasSuffix(Self.originalEnding), let mask = masks[name + Self.maskEnding],
                !keys.contains(name)
            else {
                joined.append(entry)
                continue
            }
            joined.append(
                .init(key: name, tensor: try entry.tensor.multiplied(by: mask), storageKey: entry.storageKey))
            pruned.append(name)
        }
        let used = Set(pruned.map { $0 + Self.maskEnding })
        self.entries = used.isEmpty ? joined : joined.filter { !used.contains($0.key) }
        self.pruned = pruned
    }

    /// A finding that names the parameters among `keys` that are products; nil without one.
    func finding(among keys: Set<String>, path: String) -> CheckpointFinding? {
        let names = TensorOrder.sorted(pruned.filter(keys.contains))
        guard !names.isEmpty else { return nil }
        return CheckpointFinding(
            .prunedWeights, at: CheckpointLocation(path: path),
            "\(names.count) parameters are pruned and stored as original and mask (weight_orig and weight_mask); their "
                + "products were taken, as PyTorch does: \(ParameterBinding.list(names)).")
    }
}
