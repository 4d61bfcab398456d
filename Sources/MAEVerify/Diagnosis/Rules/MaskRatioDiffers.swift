import MAEDomain
import MAEText

extension Diagnosis {
    /// The methods removed different fractions of the patches.
    static let maskRatioDiffers: Rule = { context in
        let pairs = context.pairs(with: .configuration) { _, left, right in
            left.maskRatio.value != right.maskRatio.value
        }
        guard !pairs.isEmpty else { return [] }
        let universe = context.cells(in: pairs)
        let values = Split(universe) { context.cells[$0].maskRatio }.sides.compactMap { side -> String? in
            guard let ratio = side.first.map({ context.cells[$0].maskRatio }) else { return nil }
            let who = Scope(side, among: universe, in: context).words
            return "\(NumberText.short(ratio.value)) for \(who) (from \(ratio.origin.words))"
        }
        // Where a value is from makes nothing odd that has the value of most.
        let split = Split(universe) { context.cells[$0].maskRatio.value }
        let origins = Set(universe.map { context.cells[$0].maskRatio.origin })
        let stateless =
            !origins.isDisjoint(with: [.defaultValue, .inferred, .guess])
            ? "A state dict carries no configuration: give it one with --config. " : ""
        var explains = context.explaining(StageSet.masking, in: pairs)
        for index in pairs where context.otherFields(index).isEmpty {
            explains[index]?.insert(StageSet([.configuration]))
        }
        for index in pairs where context.noiseCannotMatter(index) { explains[index]?.insert(StageSet([.noise])) }
        let finding = Finding(
            code: .maskRatioDiffers, severity: context.severity(of: pairs),
            sentence: "The mask ratio is not the same everywhere, so different patches reach the encoder: "
                + NumberText.list(values) + ".",
            evidence: context.siblingEvidence(universe) + context.worstDifference(in: pairs),
            remedy: stateless + "Pass one --mask-ratio for all methods, or correct the configuration that is wrong.",
            python: PythonRemedy.maskRatio(
                split.sides.first?.first.map { context.cells[$0].maskRatio.value }),
            cells: context.places(split.odd.flatMap(\.self).sorted()))
        return [Explanation(finding: finding, explains: explains)]
    }
}

extension DiagnosisContext {
    /// What the readers of `cells` said of files of the same stem that hold something else, once for each method.
    fileprivate func siblingEvidence(_ cells: [Int]) -> [String] {
        var seen: Set<String> = []
        return cells.map { self.cells[$0] }.filter { seen.insert($0.method.label).inserted }.flatMap { cell in
            cell.loadFindings.filter { $0.code == "different-sibling" }.map { "`\(cell.method.label)`: \($0.text)" }
        }
    }

    /// Values other than the mask ratio that differ and that the output depends on.
    func otherFields(_ pair: Int) -> [(left: ConfigurationField, right: ConfigurationField)] {
        let pair = comparison.pairs[pair]
        return EncoderConfiguration.differences(
            cells[pair.left].configuration, cells[pair.right].configuration, affectingOutput: true)
    }

    /// Whether the two sides drew different noise on purpose and one of them removes no patch, so that equal mask ratios
    /// would make the noise irrelevant.
    func noiseCannotMatter(_ pair: Int) -> Bool {
        let (left, right) = (cells[comparison.pairs[pair].left], cells[comparison.pairs[pair].right])
        return left.noise != right.noise && min(left.maskRatio.value, right.maskRatio.value) == 0
    }
}
