/// Words of a command line that a message proposes.
package enum ShellText {
    /// A word as a POSIX shell reads it back, in quotes where it needs them.
    package static func word(_ text: String) -> String {
        let plain = text.utf8.allSatisfy { byte in
            let character = Character(Unicode.Scalar(byte))
            return byte < 0x80 && (character.isLetter || character.isNumber || "_-./:=@%+,".contains(character))
        }
        // A word that begins with a dash would be taken for an option.
        let safe = text.hasPrefix("-") ? "./" + text : text
        return plain && !text.isEmpty ? safe : "'" + safe.replacing("'", with: "'\\''") + "'"
    }
}
