/// What a terminal of some width shows of what is written to it: as much of a VT100 as these programs use.
///
/// It has as many rows as are written.
struct TerminalScreen {
    private let columns: Int
    private var rows: [[Character]] = [[]]
    private var row = 0, column = 0

    init(columns: Int, showing text: String) {
        self.columns = columns
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\r": column = 0
            case "\n":
                // As the terminal driver has it, which writes a return before each newline.
                column = 0
                feed()
            case "\u{1B}":
                guard rest.popFirst() == "[" else { continue }
                var number = ""
                while let digit = rest.first, digit == ";" || ("0"..."9").contains(digit) {
                    number.unicodeScalars.append(digit)
                    rest.removeFirst()
                }
                if let command = rest.popFirst() { control(Character(command), Int(number) ?? 1) }
            default: put(Character(scalar))
            }
        }
    }

    /// The rows, without the blanks at their ends.
    var lines: [String] {
        rows.map { row in String(String(row.reversed().drop { $0 == " " }.reversed())) }
    }

    private mutating func feed() {
        row += 1
        if row == rows.count { rows.append([]) }
    }

    private mutating func put(_ character: Character) {
        if column == columns {
            column = 0
            feed()
        }
        while rows[row].count <= column { rows[row].append(" ") }
        rows[row][column] = character
        column += 1
    }

    private mutating func control(_ command: Character, _ number: Int) {
        switch command {
        case "A": row = max(row - number, 0)
        case "K": rows[row].removeSubrange(min(column, rows[row].count)...)
        case "J":
            rows[row].removeSubrange(min(column, rows[row].count)...)
            rows.removeSubrange((row + 1)...)
        default: break
        }
    }
}
