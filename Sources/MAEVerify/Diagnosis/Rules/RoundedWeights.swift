import MAETensor

extension Diagnosis {
    /// Some cells loaded the parameters of others, rounded to half precision.
    ///
    /// The original is not blamed, however many copies there are: it cannot have been made from them.
    static let roundedWeights: Rule = { context in
        let pairs = context.pairs(with: .weights)
        let universe = context.cells(in: pairs)
        return Split(universe) { context.cells[$0].weights.digest }.sides.compactMap { side in
            guard let mine = side.first.map({ context.cells[$0] }),
                let copy = context.weightFamilies.copy(mine.weights.digest)
            else { return nil }
            let everything = Array(context.cells.indices)
            let originals = everything.filter { context.cells[$0].weights.digest == copy.original }
            guard let theirs = originals.first.map({ context.cells[$0] }) else { return nil }
            let touched = context.pairs(pairs, touching: side).filter(context.differsInPrecision)
            // Between the two themselves: another copy may be further off.
            let direct = context.pairs(touched, involving: originals)
            var evidence = WeightsWords.evidence(mine.weights, theirs.weights)
            evidence.append(
                "Each tensor of \(mine.method.place) that differs is, bit for bit, the one of \(theirs.method.place) "
                    + "rounded to nearest even: \(theirs.method.place) is the original, however many copies there are.")
            return Explanation(
                finding: Finding(
                    code: .weightsDiffer, severity: context.severity(of: touched),
                    sentence: "\(Scope(side, among: universe, in: context).words) loaded the weights of "
                        + "\(Scope(originals, among: everything, in: context).words), rounded to \(copy.format).",
                    evidence: evidence + context.worstDifference(in: direct),
                    remedy: "Load \(theirs.method.place) by every method; or the copy by every method, if half "
                        + "precision is wanted. Rounding cannot be undone.",
                    cells: context.places(side)),
                explains: context.explaining(StageSet.outputs.union(StageSet([.weights])), in: touched))
        }
    }
}

extension DiagnosisContext {
    /// The digest of the original that the parameters of a cell come from; their own when they are no copy.
    func original(of cell: Int) -> SHA256Digest { weightFamilies.original(of: cells[cell].weights.digest) }

    /// Out of cells whose parameters come from one original, the first that has the original; the first when none has.
    func representative(of some: [Int]) -> Int? {
        some.first { original(of: $0) == cells[$0].weights.digest } ?? some.first
    }

    /// Whether the parameters of both sides come from one original, so that they differ in precision alone.
    func differsInPrecision(_ pair: Int) -> Bool {
        original(of: comparison.pairs[pair].left) == original(of: comparison.pairs[pair].right)
    }
}
