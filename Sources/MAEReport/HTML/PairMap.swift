import MAEText
import MAEVerify

/// Every cell against every other of its batch as a square of colors: one look shows whether a row, a block or a spot is odd.
enum PairMap {
    /// More cells than this would give squares too small to see.
    static let mostCells = 60
    /// Characters of a name that is written out.
    private static let longestName = 30

    /// A map for each of the first few batches that have a disagreement; empty when all agree or there are too many cells.
    static func section(_ comparison: Comparison) -> String {
        let odd = Set(comparison.pairs.filter { !$0.agrees }.map { comparison.cells[$0.left].batch.index })
        let maps = odd.sorted().prefix(3).compactMap { batch -> String? in
            let cells = comparison.cells.indices.filter { comparison.cells[$0].batch.index == batch }
            guard cells.count <= mostCells else { return nil }
            return "<div class=\"wide\">\(map(batch, cells, comparison))</div>"
        }
        guard !maps.isEmpty else { return "" }
        return
            "<section>\n<details><summary>Every two results, as a map</summary>\n<div class=\"maps\">\(maps.joined(separator: "\n"))</div>\n"
            + "<p class=\"facts\">The stronger the red, the larger the difference of the outputs, on a logarithmic scale "
            + "from 1e-8 to 1.</p>\n</details>\n</section>"
    }

    private static func map(_ batch: Int, _ cells: [Int], _ comparison: Comparison) -> String {
        let side = max(10, min(28, 560 / cells.count))
        let names = cells.map { "\(comparison.cells[$0].node.name) / \(comparison.cells[$0].method.label)" }
        let shown = names.map { $0.count > longestName ? String($0.prefix(longestName - 1)) + "…" : $0 }
        let margin = 8 + 7 * (shown.map(\.count).max() ?? 0)
        // Room for the heading, and for the same names upright.
        let top = 20 + margin
        let position = Dictionary(uniqueKeysWithValues: cells.enumerated().map { ($1, $0) })
        var shapes: [String] = []
        func square(_ row: Int, _ column: Int, _ kind: String, _ strength: Double, _ title: String) -> String {
            "<rect x=\"\(margin + column * side)\" y=\"\(top + row * side)\" width=\"\(side - 2)\" "
                + "height=\"\(side - 2)\" rx=\"2\" class=\"\(kind)\" fill-opacity=\"\(NumberText.short(strength))\">"
                + "<title>\(SafeText.markup(title))</title></rect>"
        }
        for (index, name) in names.enumerated() {
            let text = SafeText.markup(shown[index])
            let middle = index * side + side / 2 + 3
            shapes.append("<text x=\"\(margin - 6)\" y=\"\(top + middle)\" text-anchor=\"end\">\(text)</text>")
            let (x, y) = (margin + middle, top - 6)
            shapes.append("<text class=\"column\" transform=\"translate(\(x) \(y)) rotate(-90)\">\(text)</text>")
            shapes.append(square(index, index, "diagonal", 1, name))
        }
        for pair in comparison.pairs {
            guard let left = position[pair.left], let right = position[pair.right] else { continue }
            let (kind, strength) = shade(pair)
            let size = pair.metrics.map { ": \(NumberText.short($0.maximum))" } ?? ""
            let title = "\(names[left]) and \(names[right])\(size)"
            shapes.append(square(left, right, kind, strength, title))
            shapes.append(square(right, left, kind, strength, title))
        }
        let (width, height) = (margin + cells.count * side + 4, top + cells.count * side + 4)
        return "<svg viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\" role=\"img\" "
            + "aria-label=\"pairs of batch \(batch)\"><text x=\"\(margin)\" y=\"14\" class=\"head\">batch \(batch)</text>"
            + "\(shapes.joined())</svg>"
    }

    /// Color class and strength of a pair: differences from 1e-8 to 1 spread over a logarithmic scale.
    private static func shade(_ pair: PairComparison) -> (kind: String, strength: Double) {
        switch pair.relation {
        case .identical: return ("identical", 0.55)
        case .withinTolerance: return ("close", 0.7)
        case .differs:
            guard let size = pair.metrics?.maximum, size > 0 else { return ("differs", 1) }
            return ("differs", 0.3 + 0.7 * LogScale.position(size, from: -8, to: 0))
        }
    }
}
