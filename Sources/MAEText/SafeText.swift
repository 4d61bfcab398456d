/// Text from peers and files, made safe for where it is shown.
package enum SafeText {
    /// For a terminal: control characters, which could move the cursor or recolor it, become visible.
    package static func terminal(_ text: String) -> String {
        String(
            text.unicodeScalars.flatMap { scalar -> [Character] in
                isControl(scalar) ? Array("\\u{\(String(scalar.value, radix: 16))}") : [Character(scalar)]
            })
    }

    /// For HTML and XML, in text and in quoted attributes; characters that XML 1.0 forbids become U+FFFD.
    package static func markup(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            default: result.unicodeScalars.append(isForbidden(scalar) ? "\u{FFFD}" : scalar)
            }
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Format characters reverse or hide text.
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        isControl(scalar) || scalar.value & 0xFFFE == 0xFFFE
    }
}
