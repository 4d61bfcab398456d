import MAEModel
import MAEReport
import MAEVerify

/// The patches that each call keeps of the first image, drawn as the image lies.
enum MaskGrid {
    /// Most grids that are drawn.
    private static let most = 12
    private static let cell = 10.0

    /// Empty when nothing was computed, or no call removes a patch.
    static func section(_ explanation: Explanation) -> String {
        guard let prediction = explanation.prediction else { return "" }
        let calls = prediction.calls.enumerated().prefix(most)
        guard calls.contains(where: { $0.element.selection.kept < $0.element.selection.patches }) else { return "" }
        let names = explanation.callLabels
        let figures = calls.map { draw, result in
            let model = explanation.models[explanation.calls[draw]]
            let columns = model.checkpoint.configuration.values.patchGrid.width
            let caption = "\(names[draw]): draw \(draw), mask_ratio \(model.ratioText)"
            return
                "<figure>\(svg(result.selection, columns: columns))<figcaption>\(SafeText.markup(caption))</figcaption></figure>"
        }
        return "<section>\n<h2>Which patches each call keeps of the first image</h2>\n<div class=\"maps\">"
            + figures.joined(separator: "\n") + "</div>\n</section>"
    }

    private static func svg(_ selection: PatchSelection, columns: Int) -> String {
        let rows = (selection.patches + columns - 1) / columns
        let rectangles = (0..<selection.patches).map { patch in
            let kind = selection.slots[patch] >= 0 ? "close" : "diagonal"
            return
                "<rect class=\"\(kind)\" x=\"\(Double(patch % columns) * cell)\" y=\"\(Double(patch / columns) * cell)\" "
                + "width=\"\(cell - 1)\" height=\"\(cell - 1)\"/>"
        }
        let (width, height) = (Double(columns) * cell, Double(rows) * cell)
        return "<svg viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\" role=\"img\" "
            + "aria-label=\"kept patches\">\(rectangles.joined())</svg>"
    }
}
