import MAEText

extension RunComparison {
    /// Which tensors changed, a sentence for each method whose weights did.
    private var weightsChanges: [String] {
        var seen: Set<String> = []
        return entries.compactMap { entry in
            guard let weights = entry.weights, seen.insert(entry.method).inserted else { return nil }
            let others = weights.onlyLeft.count + weights.onlyRight.count
            return
                "Weights by `\(entry.method)`: \(weights.changed.count) of \(weights.common) tensors have other values"
                + (weights.changed.isEmpty ? "" : ", \(NumberText.list(weights.changed.map { "`\($0)`" }, limit: 2))")
                + (others == 0 ? "." : "; \(others) are in one run alone.")
        }
    }

    /// What changed between the runs, a sentence for each.
    package var changes: [String] {
        var sentences: [String] = []
        let more = counts.all - entries.count
        if more > 0 {
            sentences.append(
                "Long runs: \(more) further results were compared and are only counted here. Of all, \(counts.identical) have "
                    + "the same bits, \(counts.withinTolerance) are within the tolerance, \(counts.differing) differ."
            )
        }
        if notCompared > 0 {
            sentences.append(
                "Not compared: \(NumberText.count(notCompared, "result")) of \(later.run), which \(earlier.run) has not, or from "
                    + "other images or noise.")
        }
        if earlier.noise != later.noise {
            sentences.append("Mask noise: `\(earlier.noise.rawValue)` before, `\(later.noise.rawValue)` now.")
        }
        for files in self.files {
            sentences.append(
                "Other files at `\(files.path)` (\(files.role.rawValue)): \(NumberText.list(files.names.map { "`\($0)`" }))."
            )
        }
        sentences += weightsChanges
        let changed = nodes.filter { $0.changed > 0 }
        if !changed.isEmpty {
            let names = changed.map { "\($0.name) (\($0.changed) of \($0.common))" }
            sentences.append("Other output bits than before, by node: \(NumberText.list(names, limit: 12)).")
        }
        // Nodes whose machines changed alike share a sentence.
        var alike: [(nodes: [String], words: String)] = []
        for node in nodes {
            guard !node.difference.entries.isEmpty else { continue }
            let words = node.difference.words(here: "before", there: "now")
            if let index = alike.firstIndex(where: { $0.words == words }) {
                alike[index].nodes.append(node.name)
            } else {
                alike.append(([node.name], words))
            }
        }
        sentences += alike.map { "Changed on \(NumberText.list($0.nodes, limit: 12)): \($0.words)." }
        func list(_ names: [String], _ words: String) {
            if !names.isEmpty { sentences.append("\(words): \(NumberText.list(names, limit: 12)).") }
        }
        list(onlyEarlier, "Nodes of \(earlier.run) alone")
        list(onlyLater, "Nodes of \(later.run) alone")
        list(methodsOnlyEarlier, "Methods of \(earlier.run) alone")
        list(methodsOnlyLater, "Methods of \(later.run) alone")
        return sentences
    }
}
