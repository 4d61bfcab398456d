/// Rows of cells, printed in columns as wide as their widest cell.
public struct TextTable {
    /// The rows so far.
    public private(set) var rows: [[String]] = []
    private let rightAligned: Set<Int>

    /// An empty table; the columns named are aligned to the right.
    public init(rightAligned: Set<Int> = []) { self.rightAligned = rightAligned }

    /// Appends a row; rows may have different numbers of cells, and control characters in them become visible.
    public mutating func add(_ cells: String...) { rows.append(cells.map(SafeText.terminal)) }

    /// Appends a row of cells that are in a list.
    public mutating func add(_ cells: [String]) { rows.append(cells.map(SafeText.terminal)) }

    /// One line a row, columns two spaces apart, nothing behind the last cell.
    public func text(indentation: Int) -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.columns)
            }
        }
        let margin = String(repeating: " ", count: indentation)
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                if rightAligned.contains(column) { return cell.aligned(to: widths[column]) }
                return column == row.count - 1 ? cell : cell.padded(to: widths[column])
            }
            return margin + cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
