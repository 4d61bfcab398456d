import MAEText

extension Diagnosis {
    /// What an agreement does not prove.
    static let weakEvidence: Rule = { context in
        let comparison = context.comparison
        var found: [Finding] = []
        if comparison.nodes.count == 1, let node = comparison.nodes.first {
            found.append(
                Finding(
                    code: .oneNode, severity: .note,
                    sentence: "Only node \(node.name) took part: this says nothing about other machines.",
                    remedy: "Connect a second worker, best of another kind."))
        }
        if comparison.plan.replicas != nil, let finding = untiedNodes(comparison) { found.append(finding) }
        let builds = Set(comparison.nodes.filter { !$0.isWitness }.map(\.engineBuild))
        if builds.count > 1 {
            found.append(
                Finding(
                    code: .engineBuilds, severity: .note,
                    sentence: "The nodes run \(builds.count) builds of the engine: \(NumberText.list(builds.sorted()))."
                ))
        }
        return found.map { Explanation(finding: $0) }
    }

    /// What is left open when batches go to some of the nodes only, and some nodes share none.
    private static func untiedNodes(_ comparison: Comparison) -> Finding? {
        let names = comparison.nodes.map(\.name)
        var neighbors = comparison.counted?.neighbors ?? [:]
        for (_, cells) in Dictionary(grouping: comparison.cells, by: \.batch.index) {
            let here = Set(cells.map(\.node.name))
            for name in here { neighbors[name, default: []].formUnion(here) }
        }
        var chain: Set<String> = []
        var reached = Set(names.prefix(1))
        while !reached.isSubset(of: chain) {
            chain.formUnion(reached)
            reached = reached.reduce(into: []) { $0.formUnion(neighbors[$1] ?? []) }
        }
        let apart = names.filter { !chain.contains($0) }
        let remedy = "Give more --batches, or a higher --replicas."
        if !apart.isEmpty {
            return Finding(
                code: .nodesNotTied, severity: .warning,
                sentence:
                    "Nothing ties \(Scope.named(apart)) to \(Scope.named(names.filter(chain.contains))): no batch was "
                    + "run on both sides.", remedy: remedy)
        }
        let met = names.reduce(0) { $0 + (neighbors[$1]?.count ?? 1) - 1 } / 2
        let pairs = names.count * (names.count - 1) / 2
        guard met < pairs else { return nil }
        return Finding(
            code: .pairsNotMet, severity: .note,
            sentence: "\(pairs - met) of \(NumberText.count(pairs, "pair")) of nodes share no batch: they are compared "
                + "through others.", remedy: remedy)
    }
}
