import MAEFormats

extension WeightsFingerprints {
    /// Weights that are NaN or infinite, and tensors that hold nothing but zeros, as findings at `path`.
    ///
    /// Zeros count in matrices, the kernel of the patch projection, `cls_token`, position embeddings and the weights
    /// of norms: a trained model has none there, so they were not written or not fetched. They don't count in biases,
    /// which training may leave at zero and which are filled in for models without them, nor in `mask_token`, which no
    /// encoder reads.
    public func findings(at path: String) -> [CheckpointFinding] {
        let location = CheckpointLocation(path: path)
        return [nonFiniteWeights(at: location), zeroWeights(at: location)].compactMap { $0 }
    }

    private func nonFiniteWeights(at location: CheckpointLocation) -> CheckpointFinding? {
        let bad = TensorOrder.sorted(entries.filter { $0.nonFiniteCount > 0 }, by: \.name)
        guard !bad.isEmpty else { return nil }
        return CheckpointFinding(
            .nonFiniteWeights, .warning, at: location,
            "\(bad.reduce(0) { $0 + $1.nonFiniteCount }) weights are NaN or infinite, in "
                + ParameterBinding.list(bad.map { "\($0.name) (\($0.nonFiniteCount))" }) + ".")
    }

    private func zeroWeights(at location: CheckpointLocation) -> CheckpointFinding? {
        let zeros = TensorOrder.sorted(entries.filter { $0.isZero && $0.isNeverZero }, by: \.name)
        guard !zeros.isEmpty else { return nil }
        return CheckpointFinding(
            .zeroWeights, .warning, at: location,
            "\(zeros.count) of \(entries.count) tensors hold nothing but zeros: "
                + "\(ParameterBinding.list(zeros.map(\.name))). They were read as they are. What a download or a save "
                + "left out looks like this: compare the file's SHA-256 with the one at its source, or save the model "
                + "again.")
    }
}

extension WeightsFingerprints.Entry {
    /// Whether no trained model has nothing but zeros here.
    fileprivate var isNeverZero: Bool { !name.hasSuffix(".bias") && !name.hasSuffix("mask_token") }
}
