import MAEText

/// The last lines of a terminal, which are drawn again in place.
///
/// The cursor stands at the end of the last line. Since a terminal that was made narrower breaks its lines again, how many rows the
/// lines take is asked with the width of the moment.
public struct TerminalBlock: Sendable {
    /// The lines that are shown; empty where none are.
    public private(set) var lines: [String] = []

    /// Nothing is shown yet.
    public init() {}

    /// What is to be written so that `lines` replace those that are shown, in a terminal of `width` columns.
    ///
    /// Each is to fit a row: see ``TerminalWidth``. Colors take no columns.
    public mutating func replace(by lines: [String], width: Int) -> String {
        let text = erasing(width: width) + lines.joined(separator: "\n")
        self.lines = lines
        return text
    }

    /// What is to be written so that the lines are gone, and the cursor is where they began.
    func erasing(width: Int) -> String {
        guard !lines.isEmpty else { return "\r\u{1B}[J" }
        let rows = lines.reduce(0) { $0 + max(1, (Self.columns(of: $1) + width - 1) / max(width, 1)) }
        return "\r" + (rows > 1 ? "\u{1B}[\(rows - 1)A" : "") + "\u{1B}[J"
    }

    /// Columns of a line, without its colors.
    private static func columns(of line: String) -> Int {
        line.split(separator: "\u{1B}", omittingEmptySubsequences: false).enumerated().reduce(0) { sum, part in
            let text = part.offset == 0 ? part.element : part.element.drop { $0 != "m" }.dropFirst()
            return sum + text.columns
        }
    }
}
