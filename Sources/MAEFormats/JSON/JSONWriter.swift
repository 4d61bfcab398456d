extension JSONValue {
    /// The document on one line without spaces.
    public var compactText: String { text(indentation: nil) }

    /// The document with one member a line and two spaces a level, as hub files are written, ending in a line feed.
    public var indentedText: String { text(indentation: 0) + "\n" }

    private func text(indentation: Int?) -> String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): Self.text(of: value)
        case .string(let text): Self.quoted(text)
        case .array(let elements):
            Self.enclosed("[", "]", elements.map { $0.text(indentation: indentation.map { $0 + 1 }) }, indentation)
        case .object(let members):
            Self.enclosed(
                "{", "}",
                members.map {
                    Self.quoted($0.key) + (indentation == nil ? ":" : ": ")
                        + $0.value.text(indentation: indentation.map { $0 + 1 })
                }, indentation)
        }
    }

    private static func enclosed(_ open: String, _ close: String, _ parts: [String], _ indentation: Int?) -> String {
        guard let indentation, !parts.isEmpty else { return open + parts.joined(separator: ",") + close }
        let margin = "\n" + String(repeating: "  ", count: indentation)
        return open + parts.map { margin + "  " + $0 }.joined(separator: ",") + margin + close
    }

    /// The shortest digits that give the value back, spelled as Python spells numbers JSON has no word for.
    private static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        return value.description
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
