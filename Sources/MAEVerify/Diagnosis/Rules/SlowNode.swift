import MAEText

extension Diagnosis {
    /// Nodes that took much longer for a shard than the others.
    static let slowNode: Rule = { context in
        let paces = context.comparison.paces
        let slow = NodePace.slow(among: paces)
        guard let usual = NodePace.median(of: paces), !slow.isEmpty else { return [] }
        let names = slow.map(\.node)
        let isOne = slow.count == 1
        return [
            Explanation(
                finding: Finding(
                    code: .slowNode, severity: .note,
                    sentence:
                        "\(isOne ? "Node" : "Nodes") \(NumberText.list(names)) took much longer than the others: "
                        + "\(NumberText.list(slow.map { seconds($0.medianSeconds) })) for a shard, where half of the nodes took "
                        + "\(seconds(usual)) or less.",
                    evidence: slow.prefix(mostSlowTold).map { told($0, usual, context.comparison) },
                    remedy:
                        "See what else runs there, how many --threads \(isOne ? "it has" : "they have") and whether the "
                        + "processor is throttled: where every node runs every batch, the slowest ends the run.",
                    cells: context.cells.filter { names.contains($0.node.name) }.map(\.cell)))
        ]
    }

    /// Most nodes that have a line of evidence each.
    private static let mostSlowTold = 5

    private static func seconds(_ value: Double) -> String { "\(NumberText.short(value)) s" }

    private static func told(_ pace: NodePace, _ usual: Double, _ comparison: Comparison) -> String {
        let node = comparison.nodes.first { $0.name == pace.node }
        let device = node.map {
            " (\($0.device), \($0.isa.isEmpty ? $0.backend : $0.isa), \(NumberText.count($0.threads, "thread")))"
        }
        return
            "\(pace.node)\(device ?? ""): \(NumberText.count(pace.shards, "shard")), median \(seconds(pace.medianSeconds)), "
            + "\(NumberText.short(pace.medianSeconds / usual)) times as long."
    }
}
