import MAEDomain

/// The results of a run set against a baseline.
public struct BaselineComparison: Sendable {
    /// The baseline.
    public let baseline: Baseline
    /// The results that have the baseline's bits.
    public let held: [Observation]
    /// Those that have others, each with what the baseline has.
    public let changed: [(cell: Observation, pinned: Baseline.Result)]
    /// Results to pinned batches that nothing in the baseline stands for: of another class, or by another method.
    public let unchecked: [Observation]

    /// Sets what nodes gave to the pinned batches against `baseline`; what a witness gave is not its matter.
    public init(_ baseline: Baseline, _ comparison: Comparison) {
        let plan = comparison.plan
        let pinned = Dictionary(
            baseline.results.map { (Baseline.Place(batch: $0.batch.index, method: $0.method), $0) },
            uniquingKeysWith: { first, _ in first })
        var held: [Observation] = []
        var changed: [(cell: Observation, pinned: Baseline.Result)] = []
        var unchecked: [Observation] = []
        for cell in comparison.cells where plan.isPinned(cell.batch.index) && cell.node.promisesBits {
            let place = Baseline.Place(batch: cell.batch.index, method: cell.method.label)
            guard let result = pinned[place], result.batch == cell.batch,
                let output = result.outputs[cell.node.numericClass]
            else {
                unchecked.append(cell)
                continue
            }
            if output == cell.digests.layernorm {
                held.append(cell)
            } else {
                changed.append((cell, result))
            }
        }
        (self.baseline, self.held, self.changed, self.unchecked) = (baseline, held, changed, unchecked)
    }

    /// Whether anything could be set against the baseline.
    public var isAnyChecked: Bool { !held.isEmpty || !changed.isEmpty }
    /// Whether all of that has the baseline's bits.
    public var holds: Bool { isAnyChecked && changed.isEmpty }
}
