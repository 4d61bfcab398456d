import MAEDomain
import MAEText

extension Diagnosis {
    /// Witnesses lie further from the engines than the tolerance allows, and nothing that they report says why.
    ///
    /// Those that agree with each other share a finding: they bear out each other, so the engine may be the one that is wrong.
    static let witnessGap: Rule = { context in
        let pairs = context.pairs(with: .layernorm) { pair, left, right in
            !pair.agrees && left.node.isWitness != right.node.isWitness
        }
        func witness(_ index: Int) -> Int {
            let pair = context.comparison.pairs[index]
            return context.cells[pair.left].node.isWitness ? pair.left : pair.right
        }
        let groups = context.agreeing(Set(pairs.map(witness)).sorted())
        return Split(pairs, by: { groups[context.cells[witness($0)].node.name] }).sides.compactMap {
            side -> Explanation? in
            let odd = Set(side.map(witness)).sorted()
            let nodes = odd.map { context.cells[$0].node }
            guard let first = side.first, let node = nodes.first else { return nil }
            let programs = Set(nodes.compactMap { Witness($0)?.program }).sorted(by: NaturalOrder.precedes)
            let names = Set(nodes.map(\.name)).sorted(by: NaturalOrder.precedes)
            let pair = context.comparison.pairs[first]
            let engine = context.cells[pair.left].node.isWitness ? pair.right : pair.left
            let tolerance = context.comparison.plan.tolerance
            let places = context.places(odd)
            let required = side.compactMap { context.comparison.pairs[$0].metrics?.requiredAtol }.max()
            let needed = required.map { "It would pass with --atol \(NumberText.short($0 * 1.01))." }
            let wrong = context.comparison.referee.float64.lazy.compactMap(\.wrong).first {
                places.contains($0.cell) || $0.cell == context.cells[engine].cell
            }
            let exact = context.areIdentical(odd) ? "bit for bit" : "within the tolerance"
            let together =
                names.count > 1
                ? "The witnesses \(NumberText.list(names)) agree with each other, \(exact)"
                    + (wrong == nil ? ": the engine may be the one that is wrong." : ".")
                : nil
            let isUnchecked = context.comparison.referee.checks.isEmpty && context.comparison.referee.float64.isEmpty
            let engineRemedy =
                names.count > 1
                ? " Look at the engine too: "
                    + (isUnchecked
                        ? "without --no-referee the coordinator computes the answers itself, in double precision too."
                        : "the replay of one of its cells says what another machine computes.") : ""
            return Explanation(
                finding: Finding(
                    code: .classGap, severity: .error,
                    sentence:
                        "\(NumberText.list(programs)) \(programs.count == 1 ? "lies" : "lie") further from class \(context.cells[engine].node.numericClass) than atol "
                        + "\(NumberText.short(Double(tolerance.atol))) and rtol \(NumberText.short(Double(tolerance.rtol))) allow, "
                        + "on the same weights, input and mask: \(context.work(of: odd))."
                        + (wrong.map { " Set against float64, \($0.name) is wrong." } ?? ""),
                    evidence: [together].compactMap(\.self) + context.float64Evidence(on: places)
                        + context.layerEvidence(on: places)
                        + [needed].compactMap(\.self) + context.worstDifference(in: side),
                    remedy:
                        "Record the model on \(node.name) with mae_record, and give the recording and the checkpoint to "
                        + "`mae-coord explain`: it names the first module that differs, and why." + engineRemedy,
                    python: "with mae_record.record(model, \"witness.safetensors\"): model(pixels, noise=noise)",
                    cells: places),
                explains: context.explaining(
                    .outputs, in: context.pairs(Array(context.comparison.pairs.indices), involving: odd)),
                explainsAnswers: Set(places.map(NodeMethod.init)))
        }
    }
}

extension DiagnosisContext {
    /// The witnesses of these cells, each with the first witness that it agrees with wherever both computed the same batch; itself where it
    /// agrees with none.
    fileprivate func agreeing(_ some: [Int]) -> [String: String] {
        let pairs = pairs(between: some)
        var leaders: [String: String] = [:]
        for name in Set(some.map { cells[$0].node.name }).sorted(by: NaturalOrder.precedes) {
            let leader = Set(leaders.values).sorted(by: NaturalOrder.precedes).first { leader in
                let shared = pairs.filter { pair in
                    Set([pair.left, pair.right].map { cells[$0].node.name }) == [leader, name]
                }
                return !shared.isEmpty && shared.allSatisfy(\.agrees)
            }
            leaders[name] = leader ?? name
        }
        return leaders
    }

    /// Whether all that these cells gave of one batch has the same bits.
    fileprivate func areIdentical(_ some: [Int]) -> Bool {
        pairs(between: some).allSatisfy { $0.relation == .identical }
    }

    private func pairs(between some: [Int]) -> [PairComparison] {
        let some = Set(some)
        return comparison.pairs.filter { some.contains($0.left) && some.contains($0.right) }
    }
}
