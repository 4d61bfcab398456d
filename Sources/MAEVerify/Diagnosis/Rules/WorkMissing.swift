extension Diagnosis {
    /// Work that gave no result, by node and kind of failure.
    static let workMissing: Rule = { context in
        let comparison = context.comparison
        var groups: [[String]: [ShardFailure]] = [:]
        for failure in comparison.failures { groups[[failure.node, failure.code], default: []].append(failure) }
        var found = groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, failures in
            let who = key[0].isEmpty ? "No node" : "Node \(key[0])"
            let what = NumberText.list(failures.map { "`\($0.method)` batch \($0.batch)" }, limit: 3)
            return Finding(
                code: "work-failed", severity: .warning,
                sentence: "\(who) did not deliver \(what): \(failures[0].message)",
                remedy: "Correct the cause and carry on with --resume \(comparison.plan.run).",
                cells: failures.map(\.cell))
        }
        let failed = Set(comparison.failures.map(\.cell))
        let silent = comparison.missing.filter { !failed.contains($0) }
        if !silent.isEmpty {
            let nodes = Set(silent.map(\.node)).sorted(by: NaturalOrder.precedes)
            found.append(
                Finding(
                    code: "work-missing", severity: .warning,
                    sentence: "\(NumberText.count(silent.count, "result")) never came, from "
                        + "\(Scope.named(nodes)): the node was lost or too slow.",
                    remedy: "Look at the node's log, and carry on with --resume \(comparison.plan.run).", cells: silent)
            )
        }
        if comparison.nodes.count < comparison.plan.workers {
            found.append(
                Finding(
                    code: "nodes-missing", severity: .warning,
                    sentence: "\(comparison.nodes.count) of \(comparison.plan.workers) nodes took part.",
                    remedy: "Start the missing workers, or ask for fewer with --workers."))
        }
        return found.map { Explanation(finding: $0) }
    }
}
