/// Words of a command line that a message proposes.
package enum ShellText {
    /// A path as a POSIX shell reads it back, in quotes where it needs them.
    package static func word(_ path: String) -> String {
        // A word that begins with a dash would be taken for an option.
        quoted(path.hasPrefix("-") ? "./" + path : path)
    }

    /// Any text as a POSIX shell reads it back for one word, in quotes where it needs them.
    package static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            let character = Character(Unicode.Scalar(byte))
            return byte < 0x80 && (character.isLetter || character.isNumber || "_-./:=@%+,".contains(character))
        }
        return isPlain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
