import MAEText

extension Diagnosis {
    /// Two numeric classes lie further apart than the tolerance allows.
    static let classGap: Rule = { context in
        let pairs = context.pairs(with: .layernorm) { pair, _, _ in !pair.bitwise && !pair.agrees }
        func classes(_ index: Int) -> [String] {
            let pair = context.comparison.pairs[index]
            return [context.cells[pair.left].node.numericClass, context.cells[pair.right].node.numericClass].sorted()
        }
        func nodes(of name: String, in pairs: [Int]) -> Set<String> {
            let cells = context.cells(in: pairs).map { context.cells[$0].node }
            return Set(cells.filter { $0.numericClass == name }.map(\.name))
        }
        return Split(pairs, by: classes).sides.compactMap { side in
            guard let first = side.first else { return nil }
            let names = classes(first)
            let who =
                names[0] == names[1]
                ? "Results of the numeric class \(names[0]) lie"
                : "The numeric classes \(names[0]) and \(names[1]) lie"
            let tolerance = context.comparison.plan.tolerance
            let required = side.compactMap { context.comparison.pairs[$0].metrics?.requiredAtol }.max()
            let needed = required.map { "It would pass with --atol \(NumberText.short($0 * 1.01))." }
            let pair = context.comparison.pairs[first]
            let places = context.places(context.cells(in: side))
            let wrong = context.comparison.referee.float64.lazy.compactMap(\.wrong).first { places.contains($0.cell) }
            return Explanation(
                finding: Finding(
                    code: .classGap, severity: .error,
                    sentence: "\(who) further apart than atol "
                        + "\(NumberText.short(Double(tolerance.atol))) and rtol \(NumberText.short(Double(tolerance.rtol))) "
                        + "allow, on the same weights, input and mask."
                        + (wrong.map { " Set against float64, \($0.name) is wrong." } ?? ""),
                    evidence: context.float64Evidence(on: places) + [needed].compactMap { $0 }
                        + context.worstDifference(in: side)
                        // Across classes every layer has other bits.
                        + (names[0] == names[1]
                            ? FirstLayer.evidence(context.cells[pair.left], context.cells[pair.right]) : [])
                        + context.machineEvidence(on: nodes(of: names[0], in: side), and: nodes(of: names[1], in: side)),
                    remedy:
                        "Differences near 1e-6 are rounding; larger ones are another computation: check the device's "
                        + "known-answer test, half precision and the activation used.",
                    cells: places),
                explains: context.explaining(.outputs, in: side))
        }
    }
}
