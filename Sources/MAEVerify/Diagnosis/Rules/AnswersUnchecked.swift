import MAEText

extension Diagnosis {
    /// Answers that were set against nothing but each other.
    static let answersUnchecked: Rule = { context in
        let referee = context.comparison.referee
        var found = referee.obstacles.map { obstacle in
            let whose = obstacle.method.map { "by `\($0)` " } ?? ""
            return Finding(
                code: .answersUnchecked, severity: .note,
                sentence:
                    "This machine did not compute any answer \(whose)itself: \(obstacle.reason). Nodes that agree with "
                    + "each other may all be wrong.")
        }
        let failed = Set(context.comparison.failures.map(\.cell))
        let silent = referee.unanswered.filter { !failed.contains($0) }
        var seen: Set<String> = []
        let nodes = silent.map(\.node).filter { seen.insert($0).inserted }
        if !nodes.isEmpty {
            found.append(
                Finding(
                    code: .answersUnchecked, severity: .warning,
                    sentence:
                        "\(nodes.count == 1 ? "Node" : "Nodes") \(NumberText.list(nodes)) left without an answer to the "
                        + "batch that is drawn for the run: what \(nodes.count == 1 ? "it" : "they") handed in was not checked.",
                    cells: silent))
        }
        return found.map { Explanation(finding: $0) }
    }

    /// Nodes that say themselves that their bits are no canonical ones.
    static let classClaimed: Rule = { context in
        let referee = context.comparison.referee
        guard let ours = referee.numericClass else { return [] }
        return context.comparison.nodes.filter { $0.numericClass != ours }.compactMap { node in
            let checks = referee.checks.filter { $0.cell.node == node.name && $0.standard == .thisMachine }
            guard !checks.isEmpty, !checks.contains(where: \.isWrong) else { return nil }
            let largest = checks.compactMap(\.metrics?.maximum).max() ?? 0
            return Explanation(
                finding: Finding(
                    code: .classClaimed, severity: .warning,
                    sentence:
                        "Node \(node.name) says that it computes in class \(node.numericClass): its answers were held to "
                        + "the tolerance, not to bits.",
                    evidence: [node.classReason].compactMap(\.self)
                        + ["Its answers lie up to \(NumberText.short(largest)) from those of this machine."],
                    remedy:
                        "See what the device lacks with mae-worker --list-devices; where it should have the canonical "
                        + "class, change its driver."))
        }
    }
}
