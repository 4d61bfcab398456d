import MAEText

extension Diagnosis {
    /// That fewer nodes delivered results than were expected: which, whether they ever were there, and what to do about each.
    static func nodesMissing(_ comparison: Comparison) -> Finding? {
        guard comparison.missingNodes > 0 else { return nil }
        let missing = MissingNodes(comparison)
        let there =
            missing.lost.map { "\($0.words)." }
            + missing.failed.map { "\($0) was there, and none of its shards gave a result." }
            + missing.cutShort.map { "\($0) was there, and the run ended before it had a result." }
        let count = comparison.plan.workers - comparison.missingNodes
        let plan = comparison.plan
        return Finding(
            code: .nodesMissing, severity: .warning,
            sentence: comparison.nodes.isEmpty
                ? "No worker delivered a result; the run expects \(plan.workers)."
                : "\(count) of \(plan.workers) nodes \(there.isEmpty ? "took part" : "delivered results").",
            evidence: comparison.circumstances.absent.map(absence) + there
                + missing.drained.map { "\($0) was there, and was told to drain." }
                + comparison.circumstances.refused.map(refusal),
            remedy: missing.remedy(comparison))
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
}

/// The nodes without results, by what became of them.
private struct MissingNodes {
    /// They were told to drain.
    let drained: [String]
    /// They were there and are gone.
    let lost: [LostNode]
    /// They were there, and what they were given failed.
    let failed: [String]
    /// They were there, and the run ended first.
    let cutShort: [String]
    /// So many never came.
    let absentCount: Int

    init(_ comparison: Comparison) {
        let delivered = Set(comparison.nodes.map(\.name))
        let circumstances = comparison.circumstances
        drained = circumstances.drained.filter { !delivered.contains($0) }
        lost = circumstances.lost.filter { !delivered.contains($0.name) && !circumstances.drained.contains($0.name) }
        let told = delivered.union(drained).union(lost.map(\.name)).union(circumstances.absent.map(\.name))
        let others = Dictionary(
            grouping: comparison.failures.filter { !$0.node.isEmpty && !told.contains($0.node) }, by: \.node)
        let wrong = others.filter { $0.value.contains { $0.code != "run-ended" } }.keys
        failed = wrong.sorted(by: NaturalOrder.precedes)
        cutShort = others.keys.filter { !wrong.contains($0) }.sorted(by: NaturalOrder.precedes)
        absentCount = max(comparison.missingNodes - drained.count - lost.count - failed.count - cutShort.count, 0)
    }

    /// What to do, which is never to start workers that are there.
    func remedy(_ comparison: Comparison) -> String {
        var steps: [String] = []
        if let first = drained.first {
            steps.append("give \(NumberText.list(drained)) work again (mae-coord undrain \(first))")
        }
        if let first = lost.first {
            let names = NumberText.list(lost.map(\.name))
            let again = lost.count == 1 ? "start it again under that name" : "start them again under their names"
            steps.append(
                first.code == "left" && lost.count == 1
                    ? "start \(names) again"
                    : "find out why \(names) \(lost.count == 1 ? "was" : "were") lost, and \(again)")
        }
        if !failed.isEmpty { steps.append("correct what went wrong on \(NumberText.list(failed))") }
        if absentCount > 0 {
            steps.append(
                comparison.circumstances.refused.isEmpty
                    ? "start the missing workers" : "see to those that were turned away, or start the missing workers")
        }
        let wasThere = !lost.isEmpty || !failed.isEmpty || !cutShort.isEmpty
        if wasThere { steps.append("carry on with --resume \(comparison.plan.run)") }
        let text = NumberText.list(steps, limit: steps.count)
        let fewer =
            wasThere || !comparison.circumstances.refused.isEmpty ? "" : "; or ask for fewer nodes with --workers"
        return text.prefix(1).uppercased() + text.dropFirst() + fewer + "."
    }
}
