import MAEVerify

/// Nodes times methods in columns of text; nodes that fared alike share a row when there are many.
struct MatrixTable {
    /// More nodes than this are joined into rows of nodes that fared alike.
    static let manyNodes = 24
    /// Names longer than this are cut.
    static let longestName = 28

    struct Entry: Hashable {
        var text: String
        var status: Matrix.Status?
    }

    struct Row {
        var nodes: [String]
        var numericClass: String
        var entries: [Entry]

        /// The node, or the first and last of many and their number.
        var name: String {
            guard let first = nodes.first, let last = nodes.last, nodes.count > 1 else {
                return cut(SafeText.terminal(nodes.first ?? ""))
            }
            return "\(cut(SafeText.terminal(first))) … \(cut(SafeText.terminal(last))) (\(nodes.count) nodes)"
        }
    }

    let methods: [String]
    let rows: [Row]
    /// What `=` stands for; see ``Matrix/standard``.
    let standard: String

    init(_ comparison: Comparison) {
        let matrix = Matrix(comparison)
        standard = matrix.standard
        let labels = comparison.methods.map(\.label)
        methods = labels
        let classes = Dictionary(comparison.nodes.map { ($0.name, $0.numericClass) }, uniquingKeysWith: { $1 })
        let rows = matrix.nodeNames.map { node in
            Row(
                nodes: [node], numericClass: classes[node] ?? "",
                entries: labels.map { Self.entry(matrix.worst(node, $0), comparison) })
        }
        self.rows = rows.count > Self.manyNodes ? Self.joined(rows) : rows
    }

    func lines(_ style: TerminalStyle) -> [String] {
        let heads = ["node", "class"] + methods.map { Self.cut(SafeText.terminal($0)) }
        let texts = rows.map { row in
            [row.name, Self.cut(SafeText.terminal(row.numericClass))] + row.entries.map(\.text)
        }
        let widths = heads.indices.map { column in
            ([heads] + texts).map { $0[column].count }.max() ?? 0
        }
        func pad(_ text: String, _ column: Int) -> String {
            text + String(repeating: " ", count: max(0, widths[column] - text.count))
        }
        func line(_ cells: [String]) -> String {
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
        let head = line(heads.enumerated().map { pad($1, $0) })
        let body = zip(rows, texts).map { row, texts in
            line(
                texts.enumerated().map { column, text in
                    let padded = pad(text, column)
                    guard column > 1 else { return padded }
                    return row.entries[column - 2].status.map { style.paint(padded, Self.color($0)) } ?? padded
                })
        }
        let legend =
            "= same bits as \(standard)   ~ within tolerance   x differs, and where first   ! failed   ? no result"
        return [style.paint(head, .bold)] + body + [style.paint(legend, .dim)]
    }

    private static func entry(
        _ worst: (entry: Matrix.Entry, batch: Int, count: Int, of: Int)?, _ comparison: Comparison
    ) -> Entry {
        guard let worst else { return Entry(text: "", status: nil) }
        let status = worst.entry.status
        let share = worst.of > 1 && status != .identical ? " \(worst.count)/\(worst.of)" : ""
        let digest = worst.entry.cell.map { comparison.cells[$0].digests.layernorm.description.prefix(8) } ?? ""
        let text =
            switch status {
            case .identical: "= \(digest)"
            case .withinTolerance: "~ \(digest)\(share)"
            case .differs(let stage): "x \(digest) \(stage.name)\(share)"
            case .failed(let code): "! \(cut(SafeText.terminal(code)))\(share)"
            case .missing: "? no result\(share)"
            }
        return Entry(text: text, status: status)
    }

    private static func color(_ status: Matrix.Status) -> TerminalStyle.Color {
        switch status {
        case .identical, .withinTolerance: .green
        case .differs: .red
        case .failed, .missing: .yellow
        }
    }

    static func cut(_ text: String) -> String {
        text.count > longestName ? text.prefix(longestName - 1) + "…" : text
    }
}
