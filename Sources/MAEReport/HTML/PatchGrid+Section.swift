import MAEText
import MAEVerify

extension PatchGrid {
    /// More grids than this are counted, not drawn.
    private static let most = 12
    /// Pixels that a grid is wide, about.
    private static let width = 140

    /// The grids under a heading; empty without any that lacks a patch.
    package static func section(_ title: String, _ grids: [PatchGrid], note: String = "") -> String {
        guard grids.contains(where: { $0.isKept.contains(false) }) else { return "" }
        let figures = grids.prefix(most).map { grid in
            "<figure>\(grid.svg)<figcaption>\(SafeText.markup(grid.caption))</figcaption></figure>"
        }
        let rest = grids.count > most ? "\(grids.count - most) further ones are left out here. " : ""
        let facts = rest + note
        return
            "<section>\n<h2>\(SafeText.markup(title))</h2>\n<div class=\"maps\">\(figures.joined(separator: "\n"))</div>\n"
            + (facts.isEmpty ? "" : "<p class=\"facts\">\(SafeText.markup(facts))</p>\n") + "</section>"
    }

    private var svg: String {
        let rows = (isKept.count + columns - 1) / columns
        let side = min(max(Self.width / columns, 3), 20)
        let rectangles = isKept.enumerated().map { patch, isKept in
            "<rect class=\"\(isKept ? "close" : "diagonal")\" x=\"\(patch % columns * side)\" "
                + "y=\"\(patch / columns * side)\" width=\"\(side - 1)\" height=\"\(side - 1)\"/>"
        }
        let (width, height) = (columns * side, rows * side)
        let label = SafeText.markup("patches kept: \(caption)")
        return "<svg viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\" role=\"img\" "
            + "aria-label=\"\(label)\">\(rectangles.joined())</svg>"
    }
}
