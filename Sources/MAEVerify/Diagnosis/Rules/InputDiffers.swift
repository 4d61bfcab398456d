extension Diagnosis {
    /// Some cells fed other pixels to the model.
    static let inputDiffers: Rule = { context in
        let pairs = context.pairs(with: .input)
        return context.oddOnes(pairs, by: { context.cells[$0].digests.input }) { scope, odd, reference, touched in
            let (mine, theirs) = (context.cells[odd].batch, context.cells[reference].batch)
            let drawn = mine == theirs
            let images = context.comparison.plan.images
            let why =
                if let images {
                    "it had other pixels than the images of `\(images.path)` gave the others"
                } else if drawn {
                    "the same seed \(mine.seed) and batch size \(mine.size) gave other pixels there"
                } else {
                    "its batch was drawn with seed \(mine.seed) and size \(mine.size), the others' with seed "
                        + "\(theirs.seed) and size \(theirs.size)"
                }
            let remedy =
                if images != nil {
                    "Each node found the files as the run names them: check the memory of that node."
                } else if drawn, context.cells[odd].node.isWitness {
                    "PyTorch draws these normal numbers on processors with AVX2 alone: give the images as files, with --images."
                } else if drawn {
                    "The generator is at fault: compare the engine builds, and check the memory of that node."
                } else {
                    "Give every method and node the same seed and batch size."
                }
            return Explanation(
                finding: Finding(
                    code: .inputDiffers, severity: context.severity(of: touched),
                    sentence: "\(scope.words) computed on another input: \(why).",
                    remedy: remedy),
                explains: context.explaining(
                    StageSet.masking.union(StageSet([.input, .noise])), in: touched))
        }
    }
}

extension DiagnosisContext {
    /// Parts the cells of `pairs` by `key` inside each batch, joins the odd ones of all batches, and has each odd scope
    /// described with one odd cell, one cell of the majority and the pairs between the two sides.
    func oddOnes<Key: Hashable>(
        _ pairs: [Int], by key: (Int) -> Key,
        describe: (_ scope: Scope, _ odd: Int, _ reference: Int, _ touched: [Int]) -> Explanation
    ) -> [Explanation] {
        let universe = cells(in: pairs)
        let disputes = Disputes(comparison)
        let batches = Split(universe) { cells[$0].batch.index }.sides.map {
            Split(Split($0, by: key), decidedBy: disputes, cells)
        }
        let odd = batches.flatMap { $0.odd.flatMap(\.self) }.sorted()
        guard let first = odd.first,
            let home = batches.first(where: { $0.odd.joined().contains(first) }),
            let reference = home.sides.first?.first
        else { return [] }
        let touched = pairs
        var explanation = describe(Scope(odd, among: universe, in: self), first, reference, touched)
        if batches.contains(where: \.isTie) { explanation.finding.evidence.append(WeightsWords.tie) }
        explanation.finding.evidence += worstDifference(in: touched)
        if explanation.finding.blamesNodes {
            explanation.finding.evidence += refereeEvidence(on: Set(odd.map { cells[$0].node.name }))
        }
        explanation.finding.cells = places(odd)
        return [explanation]
    }
}
