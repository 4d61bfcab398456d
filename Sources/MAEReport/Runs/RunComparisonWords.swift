import MAEText
import MAEVerify

/// What is said of two runs side by side, in any form of report.
enum RunComparisonWords {
    /// Batches of one method that relate alike.
    struct Group {
        let method: String
        /// Indices in the later run, ascending.
        var batches: [Int] = []
        let relation: String
        /// The largest difference; nil where none was measured.
        var largest: Double?

        var words: String { relation + (largest.map { ", by up to \(NumberText.short($0))" } ?? "") }
    }

    /// The entries, those of one method that relate alike together.
    static func groups(_ runs: RunComparison) -> [Group] {
        var groups: [Group] = []
        for entry in runs.entries {
            let relation = relation(entry)
            let known = groups.firstIndex { $0.method == entry.method && $0.relation == relation }
            let index = known ?? groups.count
            if known == nil { groups.append(Group(method: entry.method, relation: relation)) }
            groups[index].batches.append(entry.batches.later)
            if let distance = entry.pair.metrics?.maximum {
                groups[index].largest = max(groups[index].largest ?? 0, distance)
            }
        }
        return groups
    }

    private static func relation(_ entry: RunComparison.Entry) -> String {
        let relation =
            switch entry.pair.relation {
            case .identical: "the same bits"
            case .withinTolerance: "another numeric class, within the tolerance"
            case .differs(let stage): "differs from \(stage.name) on"
            }
        let divided =
            switch entry.isDivided {
            case (true, true): " (nodes of both runs disagree: most of each)"
            case (true, false): " (nodes of the earlier run disagree: most of it)"
            case (false, true): " (nodes of the later run disagree: most of it)"
            case (false, false): ""
            }
        return relation + divided
    }

    /// Which tensors changed, a sentence for each method whose weights did.
    private static func weights(_ runs: RunComparison) -> [String] {
        var seen: Set<String> = []
        return runs.entries.compactMap { entry in
            guard let weights = entry.weights, seen.insert(entry.method).inserted else { return nil }
            let others = weights.onlyLeft.count + weights.onlyRight.count
            return
                "Weights by `\(entry.method)`: \(weights.changed.count) of \(weights.common) tensors have other values"
                + (weights.changed.isEmpty ? "" : ", \(NumberText.list(weights.changed.map { "`\($0)`" }, limit: 2))")
                + (others == 0 ? "." : "; \(others) are in one run alone.")
        }
    }

    /// What changed between the runs, a sentence for each.
    static func changes(_ runs: RunComparison) -> [String] {
        var sentences: [String] = []
        let more = runs.counts.all - runs.entries.count
        if more > 0 {
            sentences.append(
                "Long runs: \(more) further results were compared and are only counted here. Of all, \(runs.counts.identical) have "
                    + "the same bits, \(runs.counts.withinTolerance) are within the tolerance, \(runs.counts.differing) differ."
            )
        }
        for files in runs.files {
            sentences.append(
                "Other files at `\(files.path)` (\(files.role.rawValue)): \(NumberText.list(files.names.map { "`\($0)`" }))."
            )
        }
        sentences += weights(runs)
        let changed = runs.nodes.filter { $0.changed > 0 }
        if !changed.isEmpty {
            let names = changed.map { "\($0.name) (\($0.changed) of \($0.common))" }
            sentences.append("Other output bits than before, by node: \(NumberText.list(names, limit: 12)).")
        }
        // Nodes whose machines changed alike share a sentence.
        var alike: [(nodes: [String], words: String)] = []
        for node in runs.nodes {
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
        list(runs.onlyEarlier, "Nodes of \(runs.earlier.run) alone")
        list(runs.onlyLater, "Nodes of \(runs.later.run) alone")
        list(runs.methodsOnlyEarlier, "Methods of \(runs.earlier.run) alone")
        list(runs.methodsOnlyLater, "Methods of \(runs.later.run) alone")
        return sentences
    }

    /// The answer: a word or two, a colon, and the rest of a sentence.
    static func outcome(_ runs: RunComparison) -> String {
        let count = NumberText.count(runs.counts.all, "result")
        switch runs.outcome {
        case .same:
            return "same: \(count) (batches by methods) of both runs, each with the bits of \(runs.earlier.run)."
        case .withinTolerance:
            return
                "within tolerance: \(count) (batches by methods) of both runs, each in agreement with \(runs.earlier.run), some of them computed in "
                + "another class."
        case .different:
            let different = runs.counts.differing
            return
                "different: \(different) of \(count) (batches by methods) of both runs \(different == 1 ? "does" : "do") not agree with "
                + "\(runs.earlier.run)."
        case .nodesChanged:
            let names = runs.nodes.filter { $0.broken > 0 }.map { "\($0.name) (\($0.broken) of \($0.common))" }
            return
                "nodes changed: what most nodes gave agrees with \(runs.earlier.run), but \(NumberText.list(names, limit: 12)) "
                + "\(names.count == 1 ? "has" : "have") other bits than in it, though the numeric class promises them."
        case .nothingInCommon:
            return
                "nothing in common: no batch of one run is computed by the same method in the other. Runs with the same seed, "
                + "batch size and labels of methods have."
        }
    }
}
