import MAEText
import MAEVerify

/// Every cell against every other of its batch as a square of colours: one look shows whether a row, a block or a spot is odd.
enum PairMap {
    /// More cells than this would give squares too small to see.
    static let mostCells = 60

    /// A map for each of the first few batches that have a disagreement; empty when all agree or there are too many cells.
    static func section(_ comparison: Comparison) -> String {
        let odd = Set(comparison.pairs.filter { !$0.agrees }.map { comparison.cells[$0.left].batch.index })
        let maps = odd.sorted().prefix(3).compactMap { batch -> String? in
            let cells = comparison.cells.indices.filter { comparison.cells[$0].batch.index == batch }
            return cells.count <= mostCells ? map(batch, cells, comparison) : nil
        }
        guard !maps.isEmpty else { return "" }
        return "<section>\n<h2>Who differs from whom</h2>\n<div class=\"maps\">\(maps.joined(separator: "\n"))</div>\n"
            + "<p class=\"facts\">The stronger the red, the larger the difference of the outputs, on a logarithmic scale "
            + "from 1e-8 to 1.</p>\n</section>"
    }

    private static func map(_ batch: Int, _ cells: [Int], _ comparison: Comparison) -> String {
        let side = max(10, min(28, 560 / cells.count))
        let names = cells.map { "\(comparison.cells[$0].node.name) / \(comparison.cells[$0].method.label)" }
        let margin = 8 + 7 * min(30, names.map(\.count).max() ?? 0)
        let position = Dictionary(uniqueKeysWithValues: cells.enumerated().map { ($1, $0) })
        var shapes: [String] = []
        for (row, name) in names.enumerated() {
            let shown = name.count > 30 ? name.prefix(29) + "…" : name
            shapes.append(
                "<text x=\"\(margin - 6)\" y=\"\(24 + row * side + side / 2 + 4)\" text-anchor=\"end\">"
                    + "\(SafeText.markup(String(shown)))</text>")
            shapes.append(square(row, row, margin, side, "diagonal", 1, name))
        }
        for pair in comparison.pairs {
            guard let left = position[pair.left], let right = position[pair.right] else { continue }
            let (kind, strength) = shade(pair)
            let size = pair.metrics.map { ": \(NumberText.short($0.maximum))" } ?? ""
            let title = "\(names[left]) and \(names[right])\(size)"
            shapes.append(square(left, right, margin, side, kind, strength, title))
            shapes.append(square(right, left, margin, side, kind, strength, title))
        }
        let (width, height) = (margin + cells.count * side + 4, 28 + cells.count * side)
        return "<svg viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\" role=\"img\" "
            + "aria-label=\"pairs of batch \(batch)\"><text x=\"\(margin)\" y=\"14\" class=\"head\">batch \(batch)</text>"
            + "\(shapes.joined())</svg>"
    }

    private static func square(
        _ row: Int, _ column: Int, _ margin: Int, _ side: Int, _ kind: String, _ strength: Double, _ title: String
    ) -> String {
        "<rect x=\"\(margin + column * side)\" y=\"\(24 + row * side)\" width=\"\(side - 2)\" height=\"\(side - 2)\" "
            + "rx=\"2\" class=\"\(kind)\" fill-opacity=\"\(NumberText.short(strength))\">"
            + "<title>\(SafeText.markup(title))</title></rect>"
    }

    /// Colour class and strength of a pair: differences from 1e-8 to 1 spread over a logarithmic scale.
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
