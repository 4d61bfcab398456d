import MAEText

extension Diagnosis {
    /// Work that gave no result, by node and kind of failure.
    static let workMissing: Rule = { context in
        let comparison = context.comparison
        // The cause comes first: without nodes there are no results.
        var found: [Finding] = []
        if comparison.missingNodes > 0 {
            found.append(
                Finding(
                    code: .nodesMissing, severity: .warning,
                    sentence: comparison.nodes.isEmpty
                        ? "No worker delivered a result; the run expects \(comparison.plan.workers)."
                        : "\(comparison.plan.workers - comparison.missingNodes) of \(comparison.plan.workers) nodes took part.",
                    evidence: comparison.circumstances.absent.map(absence)
                        + idleDrained(comparison).map { "\($0) was there, and was told to drain." }
                        + comparison.circumstances.refused.map(refusal),
                    remedy: remedyForNodes(comparison)))
        }
        let groups = Dictionary(grouping: comparison.failures) { [$0.node, $0.code] }
        found += groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap { key, failures in
            byMessage(failures).map { workFailed($0, of: key[0], code: key[1], in: comparison) }
        }
        return found.map { Explanation(finding: $0) }
    }

    /// Nodes that are missing among the results because they were told to drain.
    private static func idleDrained(_ comparison: Comparison) -> [String] {
        comparison.circumstances.drained.filter { name in !comparison.nodes.contains { $0.name == name } }
    }

    private static func remedyForNodes(_ comparison: Comparison) -> String {
        let drained = idleDrained(comparison)
        if let first = drained.first {
            let rest = comparison.missingNodes > drained.count ? ", and start the missing workers" : ""
            return
                "Give \(NumberText.list(drained)) work again (mae-coord undrain \(first))\(rest); or ask for fewer nodes with "
                + "--workers."
        }
        return comparison.circumstances.refused.isEmpty
            ? "Start the missing workers, or ask for fewer with --workers."
            : "See to those that were turned away, or start the missing workers."
    }

    /// Says that a node never came, and when it did last.
    private static func absence(_ node: AbsentNode) -> String {
        "\(node.name) never came" + (node.lastRun.map { "; it took part in \($0) last." } ?? ".")
    }

    /// Says which peer was turned away, how many times and why.
    private static func refusal(_ peer: RefusedPeer) -> String {
        let name = peer.peer.isEmpty ? "A peer" : peer.peer
        return "\(name) was turned away\(peer.count > 1 ? " \(peer.count) times" : ""): \(peer.reason)."
    }

    /// Most messages of one node and kind that have findings of their own: some hold numbers, which always differ.
    private static let mostMessages = 5

    /// Failures of one kind, those with the same message together; beyond some messages, all others.
    private static func byMessage(_ failures: [ShardFailure]) -> [[ShardFailure]] {
        let groups = Dictionary(grouping: failures, by: \.message).sorted { $0.key < $1.key }.map(\.value)
        guard groups.count > mostMessages else { return groups }
        return groups.prefix(mostMessages - 1) + [Array(groups.dropFirst(mostMessages - 1).joined())]
    }

    private static func workFailed(
        _ failures: [ShardFailure], of node: String, code: String, in comparison: Comparison
    ) -> Finding {
        let plan = comparison.plan
        let isRevoked = comparison.circumstances.revoked.contains(node)
        var cells: [String] = []
        // Of long runs there may be a hundred thousand.
        var named: Set<String> = []
        for failure in failures {
            // Several places of one batch may be empty without a node that stands for them.
            let batch = plan.isFresh(failure.batch) ? "the batch drawn for this run" : "batch \(failure.batch)"
            let cell = "`\(failure.method)` \(batch)"
            if named.insert(cell).inserted { cells.append(cell) }
        }
        let others = Set(failures.map(\.message)).count - 1
        let message =
            (isRevoked ? "its key was revoked, and " : "") + failures[0].message
            + (others > 0 ? " (and \(NumberText.count(others, "further message")))" : "")
        let what = NumberText.list(cells, limit: 3)
        // A run is carried on with the very files that it began with.
        let remedy =
            switch code {
            case _ where isRevoked:
                "If it is to take part, give it a key again (mae-coord keys add \(node)) and carry on with --resume \(plan.run)."
            case "drained": "Give it work again (mae-coord undrain \(node)) and carry on with --resume \(plan.run)."
            case "bad-input" where failures[0].error == "otherFile" || failures[0].error == "unreadableFile":
                "Do what it says, or correct the file and begin a new run."
            case "bad-input": "Correct the file and begin a new run."
            case "run-ended": "Carry on with --resume \(plan.run)."
            default: "Correct the cause and carry on with --resume \(plan.run)."
            }
        return Finding(
            code: .workFailed, severity: .warning,
            sentence: node.isEmpty
                ? "No node ran the missing share of \(what): \(message)"
                : "Node \(node) did not deliver \(what): \(message)", remedy: remedy, cells: failures.map(\.cell))
    }
}
