import MAEText

/// Colors of a terminal, or none.
public struct TerminalStyle: Sendable, Hashable {
    /// Whether to write colors.
    public var colors: Bool
    /// Columns that sentences are wrapped at.
    public var width: Int

    /// A style; sentences never use fewer than 40 columns.
    public init(colors: Bool = false, width: Int = 100) {
        self.colors = colors
        self.width = max(width, 40)
    }

    /// Colors only on a terminal that can show them, and never against NO_COLOR (see no-color.org).
    public init(isTerminal: Bool, environment: [String: String], width: Int = 100) {
        let refused = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        self.init(colors: isTerminal && !refused, width: width)
    }

    package enum Color: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case bold = "1"
        case dim = "2"
    }

    package func paint(_ text: String, _ color: Color) -> String {
        colors ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// As many of `items` on a line as fit, and never a part of one.
    func lines(of items: [String], apart gap: String) -> [String] {
        items.reduce(into: []) { lines, item in
            guard let last = lines.last, last.columns + gap.columns + item.columns <= width else {
                return lines.append(item)
            }
            lines[lines.count - 1] = last + gap + item
        }
    }

    /// Breaks `text` at spaces, each line starting with `indent`, the first with `first`.
    package func wrap(_ text: String, first: String, indent: String) -> [String] {
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, line.columns + 1 + word.columns > width {
                lines.append(line)
                (line, isEmpty) = (indent, true)
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return lines + [line]
    }
}
