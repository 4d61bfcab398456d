import MAEText

extension Diagnosis {
    /// Work that gave no result, by node and kind of failure.
    static let workMissing: Rule = { context in
        let comparison = context.comparison
        // The cause comes first: without nodes there are no results.
        var found = [nodesMissing(comparison)].compactMap(\.self)
        let lost = Dictionary(comparison.circumstances.lost.map { ($0.name, $0) }) { first, _ in first }
        // What a lost node did not deliver has one cause, whether it ran it then or not.
        let ofLost = Dictionary(
            grouping: comparison.failures.filter { lost[$0.node] != nil && isOfLoss($0) }, by: \.node)
        found += ofLost.sorted { NaturalOrder.precedes($0.key, $1.key) }.compactMap { name, failures in
            lost[name].map { workLost($0, failures, in: comparison) }
        }
        let others = comparison.failures.filter { lost[$0.node] == nil || !isOfLoss($0) }
        let groups = Dictionary(grouping: others) { [$0.node, $0.code] }
        found += groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap { key, failures in
            byMessage(failures).map { workFailed($0, of: key[0], code: key[1], in: comparison) }
        }
        return found.map { Explanation(finding: $0) }
    }

    /// Whether a place is empty because its node was gone, or may be.
    private static func isOfLoss(_ failure: ShardFailure) -> Bool {
        failure.code == "node-lost" || failure.code == "run-ended"
    }

    /// What a node that was lost did not deliver.
    private static func workLost(
        _ node: LostNode, _ failures: [ShardFailure], in comparison: Comparison
    ) -> Finding {
        let plan = comparison.plan
        let isRevoked = comparison.circumstances.revoked.contains(node.name)
        let start =
            switch node.code {
            case _ where isRevoked: "If it is to take part, give it a key again (mae-coord keys add \(node.name))"
            case "left": "Start it again under that name"
            default:
                "See why it ended (its log, and that of the system for a lack of memory), start it again under that name"
            }
        return Finding(
            code: .workFailed, severity: .warning,
            sentence: "Node \(node.words). It did not deliver \(names(of: failures, comparison)).",
            evidence: codes(of: failures),
            remedy: "\(start) and carry on with --resume \(plan.run).", cells: failures.map(\.cell))
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
        let others = Set(failures.map(\.message)).count - 1
        let message =
            (isRevoked ? "its key was revoked, and " : "") + failures[0].message
            + (others > 0 ? " (and \(NumberText.count(others, "further message")))" : "")
        let what = names(of: failures, comparison)
        // A run is carried on with the very files that it began with.
        let remedy =
            switch code {
            case _ where isRevoked:
                "If it is to take part, give it a key again (mae-coord keys add \(node)) and carry on with --resume \(plan.run)."
            case "drained": "Give it work again (mae-coord undrain \(node)) and carry on with --resume \(plan.run)."
            case "files-refused": "Do what it says, and carry on with --resume \(plan.run)."
            case "bad-input" where failures[0].error == "unreadableFile":
                "Do what it says, or correct the file and begin a new run."
            // Nothing is wrong with a file that a node refuses to execute.
            case "bad-input" where failures[0].error == "refusedByPolicy":
                "Allow it there (the witness's --allow-pickle) and carry on with --resume \(plan.run), or leave the method out of a new run."
            case "bad-input": "Correct the file and begin a new run."
            case "run-ended": "Carry on with --resume \(plan.run)."
            default: "Correct the cause and carry on with --resume \(plan.run)."
            }
        return Finding(
            code: .workFailed, severity: .warning,
            sentence: node.isEmpty
                ? "No node ran the missing share of \(what): \(message)"
                : "Node \(node) did not deliver \(what): \(message)", evidence: codes(of: failures), remedy: remedy,
            cells: failures.map(\.cell))
    }

    /// `full` batch 0 and others, those that are only counted included.
    private static func names(of failures: [ShardFailure], _ comparison: Comparison) -> String {
        let plan = comparison.plan
        struct Kind: Hashable { let node, method, code: String }
        let kinds = Set(failures.map { Kind(node: $0.node, method: $0.method, code: $0.code) })
        let more = (comparison.counted?.missing ?? []).reduce(0) { sum, missing in
            let kind = Kind(node: missing.node, method: missing.method, code: missing.code)
            return kinds.contains(kind) ? sum + missing.count : sum
        }
        var cells: [String] = []
        // Of long runs there may be a hundred thousand.
        var named: Set<String> = []
        for failure in failures {
            // Several places of one batch may be empty without a node that stands for them.
            let batch = plan.isFresh(failure.batch) ? "the batch drawn for this run" : "batch \(failure.batch)"
            let cell = "`\(failure.method)` \(batch)"
            if named.insert(cell).inserted { cells.append(cell) }
        }
        guard more > 0 else { return NumberText.list(cells, limit: 3) }
        return "\(cells.prefix(3).joined(separator: ", ")) and \(max(cells.count - 3, 0) + more) more"
    }

    /// The codes that programs find in the other reports, as a line of evidence.
    private static func codes(of failures: [ShardFailure]) -> [String] {
        var codes: [String] = []
        for failure in failures {
            let code = "`\(failure.code)`" + (failure.error.map { " (`\($0)` of its engine)" } ?? "")
            if !codes.contains(code) { codes.append(code) }
        }
        return ["Failure code: \(NumberText.list(codes))."]
    }
}
