import MAEVerify

extension MatrixTable {
    /// One row for all nodes that fared alike, with the largest of their differences; what goes beyond a limit becomes one more.
    static func joined(_ rows: [Row]) -> [Row] {
        struct Alike: Hashable {
            var numericClass: String
            var entries: [Entry]
        }
        var order: [Alike] = []
        var nodes: [Alike: [String]] = [:]
        var differences: [Alike: [Double?]] = [:]
        for row in rows {
            let alike = Alike(
                numericClass: row.numericClass,
                entries: row.entries.map { entry in
                    var entry = entry
                    entry.difference = nil
                    return entry
                })
            if nodes[alike] == nil { order.append(alike) }
            nodes[alike, default: []] += row.nodes
            let mine = row.entries.map(\.difference)
            differences[alike] = zip(differences[alike] ?? mine, mine).map { [$0, $1].compactMap(\.self).max() }
        }
        let limit = 2 * manyNodes
        let shown = order.prefix(limit).map { alike in
            Row(
                nodes: nodes[alike] ?? [], numericClass: alike.numericClass,
                entries: zip(alike.entries, differences[alike] ?? []).map { entry, difference in
                    var entry = entry
                    entry.difference = difference
                    return entry
                })
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
