import MAEText

extension Diagnosis {
    /// Answers that were set against nothing but each other.
    static let answersUnchecked: Rule = { context in
        let referee = context.comparison.referee
        var found = referee.obstacles.map { obstacle in
            let whose = obstacle.method.map { "by `\($0)` " } ?? ""
            let reason = obstacle.reason.hasSuffix(".") ? String(obstacle.reason.dropLast()) : obstacle.reason
            return Finding(
                code: .answersUnchecked, severity: .note,
                sentence:
                    "This machine did not compute any answer \(whose)itself: \(reason). Nodes that agree with each "
                    + "other may all be wrong.")
        }
        // A run that was cut short says so, and lacks more than this.
        let failed = Set(context.comparison.failures.map(\.cell))
        let isWhole = context.comparison.circumstances.ending == .finished
        let silent = isWhole ? referee.unanswered.filter { !failed.contains($0) } : []
        for cells in Dictionary(grouping: silent, by: \.node).sorted(by: { $0.key < $1.key }).map(\.value) {
            let node = cells[0].node
            found.append(
                Finding(
                    code: .answersUnchecked, severity: .warning,
                    sentence: "Node \(node) left before it had answered to the batch that is drawn for the run by "
                        + "\(Scope.quoted(cells.map(\.method))): what it handed in by \(cells.count == 1 ? "it" : "them") was set "
                        + "against nothing but other nodes.",
                    cells: cells))
        }
        return found.map { Explanation(finding: $0) }
    }

    /// Nodes that say themselves that their bits are no canonical ones.
    static let classClaimed: Rule = { context in
        let referee = context.comparison.referee
        guard let ours = referee.numericClass else { return [] }
        // A witness is told of as such.
        return context.comparison.nodes.filter { $0.numericClass != ours && !$0.isWitness }.compactMap { node in
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
