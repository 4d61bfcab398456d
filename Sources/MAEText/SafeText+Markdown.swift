extension SafeText {
    /// For a line of Markdown: every sign of ASCII that could be markup is written as itself, and a line ends nowhere.
    package static func markdown(_ text: String) -> String {
        var result = ""
        for character in terminal(text) {
            // Of these alone no markup can come, and a sentence stays readable in the file too.
            let isPlain =
                character.isLetter || character.isNumber || !character.isASCII || " ,;'/%?".contains(character)
            result += isPlain ? String(character) : "\\\(character)"
        }
        return result
    }
}
