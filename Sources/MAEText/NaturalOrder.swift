/// The order people expect of names with numbers in them: n2 before n10.
package enum NaturalOrder {
    /// Whether `left` comes before `right`; a total order.
    package static func precedes(_ left: String, _ right: String) -> Bool {
        let (mine, theirs) = (parts(of: left), parts(of: right))
        for (a, b) in zip(mine, theirs) where a != b {
            guard a.number == b.number else { return (a.number ?? .max) < (b.number ?? .max) }
            return a.text < b.text
        }
        return mine.count < theirs.count
    }

    private struct Part: Equatable {
        var text: Substring
        var number: Int?
    }

    private static func parts(of name: String) -> [Part] {
        var parts: [Part] = []
        var rest = Substring(name)
        while let first = rest.first {
            let digits = isDigit(first)
            let run = rest.prefix { isDigit($0) == digits }
            parts.append(Part(text: run, number: digits ? Int(run) : nil))
            rest = rest[run.endIndex...]
        }
        return parts
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
}
