import MAEText

extension Diagnosis {
    /// Nodes whose answers are not what this machine computes, and which no other finding blames.
    static let wrongAnswer: Rule = { context in
        let referee = context.comparison.referee
        let wrong = referee.checks.filter { check in
            check.isWrong && !context.blamedNodes.contains(check.cell.node)
                && !context.explainedAnswers.contains(NodeMethod(check.cell))
        }
        let nodes = referee.wrongNodes.filter { node in wrong.contains { $0.cell.node == node } }
        guard let first = wrong.first else { return [] }
        let areWitnesses = context.comparison.nodes.filter { nodes.contains($0.name) }.allSatisfy(\.isWitness)
        let isEveryNode =
            first.standard == .thisMachine && Set(referee.checks.map(\.cell.node)) == Set(referee.wrongNodes)
        let evidence = nodes.prefix(mostNodesTold).map { node in
            told(of: node, referee.checks.filter { $0.cell.node == node }, context.comparison.plan)
        }
        let more = nodes.count - evidence.count
        return [
            Explanation(
                finding: Finding(
                    code: .wrongAnswer, severity: .error,
                    sentence: isEveryNode && nodes.count > 1
                        ? "No node gave the answers that this machine computes: either none of them computes what it hands "
                            + "in, or this machine is at fault."
                        : "\(nodes.count == 1 ? "Node" : "Nodes") \(NumberText.list(nodes)) gave \(other(than: first.standard)): what \(nodes.count == 1 ? "it hands" : "they hand") "
                            + "in is not what a worker computes from these files.",
                    evidence: evidence + (more > 0 ? ["And \(NumberText.count(more, "further node"))."] : [])
                        + context.machineEvidence(
                            on: Set(nodes),
                            and: Set(context.comparison.nodes.map(\.name)).subtracting(referee.wrongNodes)),
                    remedy: isEveryNode
                        ? "Judge again with another machine as coordinator (--resume \(context.comparison.plan.run) on a copy "
                            + "of the store) to see which is at fault."
                        : "Trust no result of \(nodes.count == 1 ? "it" : "them"): see what runs there under that name, who "
                            + "holds its key, and whether it is this \(areWitnesses ? "release of mae_witness" : "build of mae-worker"); "
                            + "then test its memory and processor.",
                    cells: wrong.map(\.cell)))
        ]
    }

    /// Most nodes that have a line of evidence each.
    private static let mostNodesTold = 5

    private static func other(than standard: RefereeReport.Standard) -> String {
        switch standard {
        case .thisMachine: "other answers than this machine computes"
        case .mostNodes: "another answer than most nodes to a batch that was drawn for this run"
        }
    }

    /// `n1: 3 of 3 answers to the batch drawn for this run are wrong (full: differs at layernorm, by 0.3); …`.
    private static func told(of node: String, _ checks: [RefereeReport.Check], _ plan: RunPlan) -> String {
        func words(_ checks: [RefereeReport.Check], to what: String) -> String? {
            guard let first = checks.first(where: \.isWrong) ?? checks.first else { return nil }
            let wrong = checks.count(where: \.isWrong)
            guard case .differs(let stage) = first.relation else {
                return "the \(checks.count == 1 ? "answer" : "\(checks.count) answers") to \(what) "
                    + "\(checks.count == 1 ? "is" : "are") right"
            }
            let size = first.metrics.map { ", by up to \(NumberText.short($0.maximum))" } ?? ""
            return
                "\(wrong) of \(NumberText.count(checks.count, "answer")) to \(what) \(wrong == 1 ? "is" : "are") wrong "
                + "(`\(first.cell.method)` differs at \(stage.name)\(size))"
        }
        let fresh = checks.filter { plan.isFresh($0.cell.batch) }
        let sample = checks.filter { !plan.isFresh($0.cell.batch) }
        let seed = plan.freshSeed.map { " (seed \($0))" } ?? ""
        let batch = sample.first.map { "batch \($0.cell.batch) by `\($0.cell.method)`, drawn by lot," } ?? ""
        let told = [words(fresh, to: "the batch of this run alone\(seed)"), words(sample, to: batch)].compactMap(\.self)
        return "\(node): \(told.joined(separator: "; "))."
    }
}
