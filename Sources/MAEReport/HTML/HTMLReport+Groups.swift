import MAEText
import MAEVerify

extension HTMLReport {
    /// More ways in which batches are parted are counted.
    private static let mostPartings = 12
    /// More groups of a batch are counted.
    private static let mostGroups = 40

    /// Who agrees with whom: results of the same bits together, for all batches that are parted alike at once.
    static func groups(_ partings: [BitGroups.Parting]) -> String {
        guard !partings.isEmpty else { return "" }
        let parted = partings.filter { !$0.isWhole }
        let whole = partings.filter(\.isWhole)
        let tables = parted.prefix(mostPartings).map(table)
        let sentences = whole.map { parting in
            "<p>\(batchWords(parting.batches)): all \(parting.groups[0].count) results have the same bits"
                + (parting.batches.count == 1 ? ", <code>\(parting.groups[0].digest)</code>" : " in each") + ".</p>"
        }
        let rest = parted.count - tables.count
        let further =
            rest > 0
            ? "<p class=\"facts\">\(NumberText.count(rest, "further division")) of other batches are left out.</p>" : ""
        return """
            <section>
            <h2>Who agrees with whom</h2>
            \((tables + sentences).joined(separator: "\n"))\(further)
            </section>
            """
    }

    private static func table(_ parting: BitGroups.Parting) -> String {
        let rows = parting.groups.prefix(mostGroups).map { group in
            let figures = [group.maximum, group.rms].map { $0.map { NumberText.short($0) } ?? "" }
            return "<tr><td class=\"cell \(kind(group.status))\">\(parting.batches.count == 1 ? group.digest : "")</td>"
                + "<td class=\"number\">\(group.count)</td><td class=\"words\">\(prose(group.words))</td>"
                + "<td>\(SafeText.markup(relation(group.status)))</td>"
                + figures.map { "<td class=\"number\">\($0)</td>" }.joined() + "</tr>"
        }
        let rest = parting.groups.count - rows.count
        let heads = [
            ("output", ""), ("results", "number"), ("which", ""), ("against the first", ""), ("max", "number"),
            ("rms", "number"),
        ]
        return """
            <h3>\(batchWords(parting.batches)): \(NumberText.count(parting.groups.count, "group")) of equal bits</h3>
            <div class="wide tall"><table>
            <thead><tr>\(heads.map { "<th scope=\"col\" class=\"\($1)\">\($0)</th>" }.joined())</tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody>
            </table></div>\(rest > 0 ? "<p class=\"facts\">\(NumberText.count(rest, "further group")).</p>" : "")
            """
    }

    private static func relation(_ status: Matrix.Status) -> String {
        switch status {
        case .identical, .reference: ""
        case .withinTolerance, .differs, .failed, .missing: status.words
        }
    }

    private static func batchWords(_ batches: [Int]) -> String {
        "\(batches.count == 1 ? "Batch" : "Batches") \(NumberText.ranges(batches))"
    }
}
