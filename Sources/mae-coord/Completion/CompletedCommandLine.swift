import Glibc

/// The words of a command line in which a shell completes one, as it was typed: a shell hands quotes and backslashes over unread.
struct CompletedCommandLine {
    private let words: [String]

    init(_ words: [String]) { self.words = words }

    /// The value of an option, whether given as `--option VALUE` or as `--option=VALUE`; nil where there is none.
    ///
    /// Quotes and backslashes are left out and a `~/` in front is the user's home, which is what a shell makes of any ordinary path.
    func value(of option: String) -> String? {
        for (index, word) in words.enumerated() {
            if word == option, index + 1 < words.count { return Self.read(words[index + 1]) }
            if word.hasPrefix(option + "=") { return Self.read(String(word.dropFirst(option.count + 1))) }
        }
        return nil
    }

    private static func read(_ word: String) -> String? {
        guard !word.isEmpty else { return nil }
        let plain = word.filter { !#"\'""#.contains($0) }
        guard plain.hasPrefix("~/"), let home = getenv("HOME") else { return plain }
        return String(cString: home) + plain.dropFirst()
    }
}
