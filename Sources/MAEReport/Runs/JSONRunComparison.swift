import MAEText
import MAEVerify

/// Two runs side by side, for programs.
///
/// `docs/operations.md` describes every field. Fields are added, never renamed.
public enum JSONRunComparison {
    /// Encodes the comparison: UTF-8, keys sorted, indented, ending in a newline.
    public static func render(_ runs: RunComparison) throws -> String {
        try JSONText.encode(Document(runs), snakeCase: true) + "\n"
    }

    private struct Document: Encodable {
        let schema = 1
        let earlier, later, outcome, sentence: String
        let entries: [Entry]
        /// All that both computed by how it relates; nil where every one is among the entries.
        let counts: Counts?
        /// How much of the later run the earlier one has not computed, or from other images or noise.
        let notCompared: Int
        let nodes: [Node]
        let nodesOnlyEarlier, nodesOnlyLater, methodsOnlyEarlier, methodsOnlyLater: [String]
        let files: [Files]

        init(_ runs: RunComparison) {
            (earlier, later) = (runs.earlier.run, runs.later.run)
            (outcome, sentence) = (runs.outcome.rawValue, RunComparisonWords.outcome(runs))
            entries = runs.entries.map(Entry.init)
            counts = runs.counts.all > runs.entries.count ? Counts(runs.counts) : nil
            notCompared = runs.notCompared
            nodes = runs.nodes.map(Node.init)
            (nodesOnlyEarlier, nodesOnlyLater) = (runs.onlyEarlier, runs.onlyLater)
            (methodsOnlyEarlier, methodsOnlyLater) = (runs.methodsOnlyEarlier, runs.methodsOnlyLater)
            files = runs.files.map { Files(role: $0.role.rawValue, path: $0.path, names: $0.names) }
        }
    }

    private struct Counts: Encodable {
        let identical, withinTolerance, differing: Int

        init(_ counts: RunComparison.Counts) {
            (identical, withinTolerance) = (counts.identical, counts.withinTolerance)
            differing = counts.differing
        }
    }

    private struct Entry: Encodable {
        let method: String
        let earlierBatch, laterBatch: Int
        let relation: String
        let stage: String?
        let measured: JSONReport.Metrics?
        let earlierDivided, laterDivided: Bool

        init(_ entry: RunComparison.Entry) {
            method = entry.method
            (earlierBatch, laterBatch) = entry.batches
            relation = entry.pair.relation.name
            stage = if case .differs(let stage) = entry.pair.relation { stage.name } else { nil }
            measured = entry.pair.metrics.map(JSONReport.Metrics.init)
            (earlierDivided, laterDivided) = entry.isDivided
        }
    }

    private struct Node: Encodable {
        struct Change: Encodable {
            let name: String
            let before, now: String?
        }
        let name: String
        let common, changed: Int
        let machine: [Change]

        init(_ node: RunComparison.SharedNode) {
            (name, common, changed) = (node.name, node.common, node.changed)
            machine = node.difference.entries.map {
                Change(name: $0.name, before: $0.here.first ?? nil, now: $0.there.first ?? nil)
            }
        }
    }

    private struct Files: Encodable {
        let role, path: String
        let names: [String]
    }
}
