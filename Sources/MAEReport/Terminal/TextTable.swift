/// Rows of cells, printed in columns as wide as their widest cell.
public struct TextTable {
    /// The rows so far.
    public private(set) var rows: [[String]] = []
    private let rightAligned: Set<Int>

    /// An empty table; the columns named are aligned to the right.
    public init(rightAligned: Set<Int> = []) { self.rightAligned = rightAligned }

    /// Appends a row; rows may have different numbers of cells, and control characters in them become visible.
    public mutating func add(_ cells: String...) { rows.append(cells.map(SafeText.terminal)) }

    /// One line a row, columns two spaces apart, nothing behind the last cell.
    public func text(indentation: Int) -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        let margin = String(repeating: " ", count: indentation)
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                if rightAligned.contains(column) { return padding + cell }
                return column == row.count - 1 ? cell : cell + padding
            }
            return margin + cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}

extension Int {
    /// The digits in groups of three: `111,907,840`.
    public var grouped: String {
        var text = ""
        for (position, digit) in String(magnitude).reversed().enumerated() {
            if position > 0, position.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return (self < 0 ? "-" : "") + String(text.reversed())
    }
}
