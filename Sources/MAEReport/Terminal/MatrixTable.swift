import MAEText
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
        /// Whether it is the result of a node that was found to compute wrongly.
        var isSuspect = false
        /// How far it lies from what it is set against, where that is within tolerance; nil where it was not measured.
        var difference: Double?

        /// The text with its figure and its mark.
        var marked: String {
            let sign = status == .withinTolerance ? "~" : ""
            return sign + (difference.map { " \(NumberText.short($0))" } ?? "") + text + (isSuspect ? " *" : "")
        }
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

    init(_ verification: Verification) {
        let comparison = verification.comparison
        let suspects = Set(verification.suspectNodes)
        let matrix = Matrix(comparison)
        standard = matrix.standard
        let labels = comparison.methods.map(\.label)
        methods = labels
        let classes = Dictionary(comparison.nodes.map { ($0.name, $0.numericClass) }, uniquingKeysWith: { $1 })
        let places = matrix.nodeNames.map { node in
            (
                node: node, worst: labels.map { matrix.worst(node, $0) },
                differences: labels.map { matrix.largestDifference(node, $0) }
            )
        }
        // Nodes that share the batches out show those of different ones, whose digests have nothing to do with each other.
        let shown = Set(places.flatMap(\.worst).compactMap { $0 }.filter { $0.entry.status.isOfMost }.map(\.batch))
        let rows = places.map { node, worst, differences in
            Row(
                nodes: [node], numericClass: classes[node] ?? "",
                entries: zip(worst, differences).map { worst, difference in
                    guard worst != nil || !matrix.absentNodes.contains(node) else {
                        return Entry(text: "? never came", status: .missing)
                    }
                    var entry = Self.entry(
                        worst, comparison, showsDigest: shown.count <= 1, isSuspect: suspects.contains(node))
                    if entry.status == .withinTolerance { entry.difference = difference }
                    return entry
                })
        }
        // A node that never came is to be seen by its name.
        let (absent, others) = (
            rows.filter { matrix.absentNodes.contains($0.name) }, rows.filter { !matrix.absentNodes.contains($0.name) }
        )
        self.rows = rows.count > Self.manyNodes ? Self.joined(others) + absent : rows
    }

    func lines(_ style: TerminalStyle) -> [String] {
        let heads = ["node", "class"] + methods.map { Self.cut(SafeText.terminal($0)) }
        let texts = rows.map { row in
            [row.name, Self.cut(SafeText.terminal(row.numericClass))] + row.entries.map(\.marked)
        }
        let widths = heads.indices.map { column in
            ([heads] + texts).map { $0[column].columns }.max() ?? 0
        }
        func pad(_ text: String, _ column: Int) -> String {
            text.padded(to: widths[column])
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
        let isTooWide = widths.reduce(0, +) + 2 * (widths.count - 1) > style.width
        return (isTooWide ? stacked(style) : [style.paint(head, .bold)] + body)
            + style.lines(of: legend, apart: "   ").map { style.paint($0, .dim) }
    }

    /// What the signs stand for.
    var legend: [String] {
        ["= same bits as \(standard)"]
            + (hasReference ? ["o what the others are compared with: none is that of most"] : [])
            + [
                hasDifferences ? Self.differenceLegend : "~ within tolerance", "x differs, and where first", "! failed",
                "? no result",
            ]
            + (hasSuspects ? [Self.suspectLegend] : [])
    }

    /// What the mark of a suspect node's results stands for.
    static let suspectLegend = "* of a node found to compute wrongly"

    /// What the sign of results within tolerance stands for where figures follow it.
    static let differenceLegend = "~ within tolerance, by at most so much"

    /// Whether there are figures of results within tolerance.
    var hasDifferences: Bool { rows.contains { $0.entries.contains { $0.difference != nil } } }

    /// Whether some results are those of a suspect node.
    var hasSuspects: Bool { rows.contains { $0.entries.contains(where: \.isSuspect) } }

    /// Whether there is a batch without an output that most have.
    var hasReference: Bool { rows.contains { $0.entries.contains { $0.status == .reference } } }

    /// The same where a row takes more than a line: a node, and under it a line for each method.
    private func stacked(_ style: TerminalStyle) -> [String] {
        let labels = methods.map { Self.cut(SafeText.terminal($0)) }
        let width = labels.map(\.columns).max() ?? 0
        return rows.flatMap { row in
            let numericClass = row.numericClass.isEmpty ? "" : "  " + Self.cut(SafeText.terminal(row.numericClass))
            return [style.paint(row.name, .bold) + numericClass]
                + zip(labels, row.entries).map { label, entry in
                    let text = entry.status.map { style.paint(entry.marked, Self.color($0)) } ?? entry.marked
                    return "  \(label.padded(to: width))  \(text)"
                }
        }
    }

    private static func entry(
        _ worst: (entry: Matrix.Entry, batch: Int, count: Int, of: Int)?, _ comparison: Comparison, showsDigest: Bool,
        isSuspect: Bool
    ) -> Entry {
        guard let worst else { return Entry(text: "", status: nil) }
        let status = worst.entry.status
        let share = worst.of > 1 && (!status.isOfMost || !showsDigest) ? " \(worst.count)/\(worst.of)" : ""
        let cell = showsDigest ? worst.entry.cell : nil
        let digest = cell.map { " " + comparison.cells[$0].digests.layernorm.description.prefix(8) } ?? ""
        let text =
            switch status {
            case .identical: "=\(digest)\(share)"
            case .reference: "o\(digest)\(share)"
            case .withinTolerance: share
            case .differs(let stage): "x\(digest) \(stage.name)\(share)"
            case .failed(let code): "! \(cut(SafeText.terminal(code)))\(share)"
            case .missing: "? no result\(share)"
            }
        return Entry(text: text, status: status, isSuspect: isSuspect && worst.entry.cell != nil)
    }

    private static func color(_ status: Matrix.Status) -> TerminalStyle.Color {
        switch status {
        case .identical, .withinTolerance: .green
        case .reference: .dim
        case .differs: .red
        case .failed, .missing: .yellow
        }
    }

    static func cut(_ text: String) -> String { text.fitted(to: longestName) }
}
