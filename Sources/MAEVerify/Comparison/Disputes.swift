/// How often the results of each node are disputed: in which part of its batches they differ from another node's; and which nodes
/// the referee contradicts.
///
/// Where each batch goes to two nodes, no node is outvoted inside it. But a node that disagrees with every node it meets differs from
/// one that is at odds with one.
struct Disputes {
    private let rates: [String: Double]
    private let refuted: Set<String>

    init(_ comparison: Comparison) {
        var batches: [String: Set<Int>] = [:]
        var disputed: [String: Set<Int>] = [:]
        let cells = comparison.cells
        for cell in cells { batches[cell.node.name, default: []].insert(cell.batch.index) }
        for pair in comparison.pairs where !pair.agrees {
            let (left, right) = (cells[pair.left], cells[pair.right])
            guard left.node.name != right.node.name else { continue }
            for cell in [left, right] { disputed[cell.node.name, default: []].insert(cell.batch.index) }
        }
        rates = batches.reduce(into: [:]) { rates, entry in
            rates[entry.key] = Double(disputed[entry.key]?.count ?? 0) / Double(entry.value.count)
        }
        refuted = Set(comparison.referee.wrongNodes + comparison.referee.float64.compactMap(\.wrong?.cell.node))
    }

    /// From 0, where no node disagrees with it, to 1, where one does in each of its batches.
    func rate(of node: String) -> Double { rates[node] ?? 0 }

    /// Whether the node gave an answer that the referee contradicts, or double precision: it outvotes none.
    func isRefuted(_ node: String) -> Bool { refuted.contains(node) }
}
