/// Nodes by nights: a coloured square and a letter say how each fared.
enum NightGrid {
    /// The picture; a row for each node, in the order given.
    static func picture(_ nodes: [NodeHistory], _ scale: NightScale) -> String {
        let bars = nodes.enumerated().flatMap { row, node in
            // A night with something to say of it is a span of its own.
            let cells = node.states.indices.map { Span(state: node.states[$0], remark: node.remarks[$0]) }
            return NightScale.spans(cells).filter { $0.value.state != .notRun }.map { span, nights in
                scale.bar(
                    nights, row: row, kind: span.state.kind,
                    title: "\(node.name), \(scale.words(nights)): \(span.remark ?? span.state.words)")
            }
        }
        let letters = nodes.enumerated().map { row, node in
            let shown = node.states.enumerated().filter { $1 != .notRun }
            return SVG.letters(shown.map { ($1.rawValue, scale.x($0) + 7) }, scale.y(row) + 13.5)
        }
        return SVG.picture(
            scale.width, scale.y(nodes.count), label: "nodes by nights",
            [scale.marks] + bars + [scale.gaps(rows: nodes.count)] + letters)
    }

    private struct Span: Equatable {
        let state: NightState
        let remark: String?
    }
}
