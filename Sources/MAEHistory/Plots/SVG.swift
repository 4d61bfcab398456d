import MAEText

/// Pieces of SVG, with numbers as short as they are exact on a screen, and every text escaped.
enum SVG {
    /// A number with one decimal at most.
    static func number(_ value: Double) -> String {
        let tenths = (value * 10).rounded()
        guard tenths.isFinite, abs(tenths) < 1e9 else { return "0" }
        let (whole, rest) = (Int(tenths) / 10, abs(Int(tenths)) % 10)
        return rest == 0 ? "\(whole)" : "\(tenths < 0 && whole == 0 ? "-" : "")\(whole).\(rest)"
    }

    /// A picture of so many pixels; `label` says what it is to those who cannot see it.
    static func picture(_ width: Double, _ height: Double, label: String, _ parts: [String]) -> String {
        let (width, height) = (number(width), number(height))
        return "<svg viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\" role=\"img\" "
            + "aria-label=\"\(SafeText.markup(label))\">\(parts.joined())</svg>"
    }

    /// A rectangle with a title that is shown where the pointer rests.
    static func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, kind: String, title: String
    ) -> String {
        "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\" "
            + "class=\"\(kind)\"><title>\(SafeText.markup(title))</title></rect>"
    }

    /// A text.
    static func text(_ text: String, _ x: Double, _ y: Double, kind: String = "", anchor: String = "start") -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\"\(kind.isEmpty ? "" : " class=\"\(kind)\"")"
            + "\(anchor == "start" ? "" : " text-anchor=\"\(anchor)\"")>\(SafeText.markup(text))</text>"
    }

    /// One character at each place of a line.
    static func letters(_ letters: [(Character, Double)], _ y: Double) -> String {
        guard !letters.isEmpty else { return "" }
        let places = letters.map { number($0.1) }.joined(separator: " ")
        return "<text class=\"letter\" y=\"\(number(y))\" x=\"\(places)\">"
            + "\(SafeText.markup(String(letters.map(\.0))))</text>"
    }
}
