extension Diagnosis {
    /// Work that gave no result, by node and kind of failure.
    static let workMissing: Rule = { context in
        let comparison = context.comparison
        // The cause comes first: without nodes there are no results.
        var found: [Finding] = []
        if comparison.nodes.count < comparison.plan.workers {
            found.append(
                Finding(
                    code: "nodes-missing", severity: .warning,
                    sentence: comparison.nodes.isEmpty
                        ? "No worker delivered a result; the run expects \(comparison.plan.workers)."
                        : "\(comparison.nodes.count) of \(comparison.plan.workers) nodes took part.",
                    remedy: "Start the missing workers, or ask for fewer with --workers."))
        }
        var groups: [[String]: [ShardFailure]] = [:]
        for failure in comparison.failures { groups[[failure.node, failure.code], default: []].append(failure) }
        found += groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, failures in
            var cells: [String] = []
            for failure in failures {
                // Several places of one batch may be empty without a node that stands for them.
                let cell = "`\(failure.method)` batch \(failure.batch)"
                if !cells.contains(cell) { cells.append(cell) }
            }
            let what = NumberText.list(cells, limit: 3)
            let sentence =
                key[0].isEmpty
                ? "Nobody took the missing share of \(what): \(failures[0].message)"
                : "Node \(key[0]) did not deliver \(what): \(failures[0].message)"
            return Finding(
                code: "work-failed", severity: .warning, sentence: sentence,
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
        return found.map { Explanation(finding: $0) }
    }
}
