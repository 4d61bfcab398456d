import MAEDomain
import MAEText
import MAEVerify

/// After which layer of the encoder outputs part that were computed from the same weights, pixels and mask.
enum LayerStrip {
    /// More outputs are left out.
    private static let most = 8
    private static let side = 18

    /// A strip for each output that differs from that which its batch is set against, in the same numeric class; empty without any.
    static func section(_ comparison: Comparison, _ partings: [BitGroups.Parting]) -> String {
        let figures = partings.flatMap { parting in
            parting.groups.dropFirst().compactMap { group -> String? in
                guard let reference = parting.groups.first?.first, case .differs(let stage) = group.status,
                    [.layers, .layernorm, .pooled].contains(stage)
                else { return nil }
                return figure(comparison.cells[group.first], comparison.cells[reference], group.words)
            }
        }
        guard !figures.isEmpty else { return "" }
        let rest = figures.count - most
        return "<section>\n<h2>Where it starts</h2>\n\(figures.prefix(most).joined(separator: "\n"))\n"
            + "<p class=\"facts\">Tokens after each layer, by their digests: green has the bits of the first group, red has others."
            + (rest > 0 ? " \(NumberText.count(rest, "further output")) left out." : "") + "</p>\n</section>"
    }

    private static func figure(_ one: Observation, _ reference: Observation, _ words: String) -> String? {
        guard one.node.numericClass == reference.node.numericClass, let mine = one.layers,
            let theirs = reference.layers,
            mine.states.count == theirs.states.count
        else { return nil }
        let isEqual =
            zip(mine.states, theirs.states).map { $0 == $1 } + [one.digests.layernorm == reference.digests.layernorm]
        let names = mine.layers.map(\.name) + [EncoderLayer.finalNorm.name]
        guard let first = isEqual.firstIndex(of: false) else { return nil }
        let squares = isEqual.enumerated().map { index, isEqual in
            "<rect class=\"\(isEqual ? "identical" : "differs")\" x=\"\(index * side)\" y=\"0\" width=\"\(side - 2)\" "
                + "height=\"\(side - 2)\" rx=\"2\"><title>\(names[index]): \(isEqual ? "same bits" : "other bits")</title></rect>"
        }
        let (width, height) = (isEqual.count * side, side)
        let caption = "\(words), batch \(one.batch.index): other bits from `\(names[first])` on"
        return "<figure><figcaption>\(HTMLReport.prose(caption))</figcaption>"
            + "<svg viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\" role=\"img\" "
            + "aria-label=\"layers that have other bits\">\(squares.joined())</svg></figure>"
    }
}
