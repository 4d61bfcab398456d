import MAEVerify

extension MatrixTable {
    /// One row for all nodes that fared alike; what goes beyond a limit becomes one more.
    static func joined(_ rows: [Row]) -> [Row] {
        struct Alike: Hashable {
            var numericClass: String
            var entries: [Entry]
        }
        var order: [Alike] = []
        var nodes: [Alike: [String]] = [:]
        for row in rows {
            let alike = Alike(numericClass: row.numericClass, entries: row.entries)
            if nodes[alike] == nil { order.append(alike) }
            nodes[alike, default: []] += row.nodes
        }
        let limit = 2 * manyNodes
        let shown = order.prefix(limit).map {
            Row(nodes: nodes[$0] ?? [], numericClass: $0.numericClass, entries: $0.entries)
        }
        let rest = order.dropFirst(limit).flatMap { nodes[$0] ?? [] }
        return shown
            + (rest.isEmpty
                ? []
                : [
                    Row(
                        nodes: rest, numericClass: "",
                        entries: order[0].entries.map { _ in Entry(text: "various", status: nil) })
                ])
    }
}
