/// How many columns of a terminal text takes: Chinese, Japanese and Korean characters and emoji take two, accents none.
extension StringProtocol {
    /// Columns that the text takes, which has no control characters.
    package var columns: Int {
        // Names and numbers, nearly always.
        if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
        return reduce(0) { $0 + DisplayWidth.columns(of: $1) }
    }

    /// The text, with spaces behind it up to `columns`.
    package func padded(to columns: Int) -> String {
        String(self) + String(repeating: " ", count: Swift.max(0, columns - self.columns))
    }

    /// The text, with spaces before it up to `columns`.
    package func aligned(to columns: Int) -> String {
        String(repeating: " ", count: Swift.max(0, columns - self.columns)) + String(self)
    }

    /// The text in at most `columns`, with an ellipsis where something was cut off.
    package func fitted(to columns: Int) -> String {
        guard self.columns > columns else { return String(self) }
        var (result, room) = ("", Swift.max(columns - 1, 0))
        for character in self {
            let width = DisplayWidth.columns(of: character)
            guard width <= room else { break }
            result.append(character)
            room -= width
        }
        return result + "…"
    }
}

/// The width of single characters, after Unicode's Standard Annex 11 (East Asian Width: wide and fullwidth).
private enum DisplayWidth {
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
        0x16FE0...0x18DF2, 0x1AFF0...0x1B2FB, 0x1F200...0x1F265, 0x20000...0x3FFFD,
    ]

    static func columns(of character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // A variation selector asks for the picture of a character that is also text.
        let isPicture =
            first.properties.isEmojiPresentation
            || first.properties.isEmoji && character.unicodeScalars.contains("\u{FE0F}")
        return isPicture || wide.contains { $0.contains(first.value) } ? 2 : 1
    }
}
