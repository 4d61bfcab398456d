import MAEDomain
import MAEText

extension Diagnosis {
    /// A witness lies further from the engines than the tolerance allows, and nothing that it reports says why.
    static let witnessGap: Rule = { context in
        let pairs = context.pairs(with: .layernorm) { pair, left, right in
            !pair.agrees && left.node.isWitness != right.node.isWitness
        }
        func witness(_ index: Int) -> Int {
            let pair = context.comparison.pairs[index]
            return context.cells[pair.left].node.isWitness ? pair.left : pair.right
        }
        return Split(pairs, by: { context.cells[witness($0)].node.name }).sides.compactMap { side -> Explanation? in
            let odd = Set(side.map(witness)).sorted()
            guard let first = side.first, let node = odd.first.map({ context.cells[$0].node }),
                let witness = Witness(node)
            else { return nil }
            let pair = context.comparison.pairs[first]
            let engine = context.cells[pair.left].node.isWitness ? pair.right : pair.left
            let tolerance = context.comparison.plan.tolerance
            let places = context.places(odd)
            let required = side.compactMap { context.comparison.pairs[$0].metrics?.requiredAtol }.max()
            let needed = required.map { "It would pass with --atol \(NumberText.short($0 * 1.01))." }
            let wrong = context.comparison.referee.float64.lazy.compactMap(\.wrong).first {
                places.contains($0.cell) || $0.cell == context.cells[engine].cell
            }
            return Explanation(
                finding: Finding(
                    code: .classGap, severity: .error,
                    sentence:
                        "\(witness.program) lies further from class \(context.cells[engine].node.numericClass) than atol "
                        + "\(NumberText.short(Double(tolerance.atol))) and rtol \(NumberText.short(Double(tolerance.rtol))) allow, "
                        + "on the same weights, input and mask: \(context.work(of: odd))."
                        + (wrong.map { " Set against float64, \($0.name) is wrong." } ?? ""),
                    evidence: context.float64Evidence(on: places) + context.layerEvidence(on: places)
                        + [needed].compactMap(\.self) + context.worstDifference(in: side),
                    remedy:
                        "Record the model on \(node.name) with mae_record, and give the recording and the checkpoint to "
                        + "`mae-coord explain`: it names the first module that differs, and why.",
                    python: "with mae_record.record(model, \"witness.safetensors\"): model(pixels, noise=noise)",
                    cells: places),
                explains: context.explaining(
                    .outputs, in: context.pairs(Array(context.comparison.pairs.indices), involving: odd)),
                explainsAnswers: Set(places.map(NodeMethod.init)))
        }
    }
}
