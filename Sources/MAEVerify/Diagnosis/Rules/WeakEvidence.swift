extension Diagnosis {
    /// What an agreement does not prove.
    static let weakEvidence: Rule = { context in
        let comparison = context.comparison
        var found: [Finding] = []
        if comparison.nodes.count == 1, let node = comparison.nodes.first {
            found.append(
                Finding(
                    code: "one-node", severity: .note,
                    sentence: "Only node \(node.name) took part: this says nothing about other machines.",
                    remedy: "Connect a second worker, best of another kind."))
        }
        let builds = Set(comparison.nodes.map(\.engineBuild))
        if builds.count > 1 {
            found.append(
                Finding(
                    code: "engine-builds", severity: .note,
                    sentence: "The nodes run \(builds.count) builds of the engine: \(NumberText.list(builds.sorted()))."
                ))
        }
        return found.map { Explanation(finding: $0) }
    }
}
