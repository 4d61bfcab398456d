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
