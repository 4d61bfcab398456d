/// What a person may have meant by a word that is not known.
package enum NearestWord {
    /// `. Did you mean 'verify'?` with the nearest of the known words; a full stop where none is near.
    package static func advice(_ word: String, among known: [String]) -> String {
        let near = known.map { (word: $0, distance: distance(word, $0)) }.min { $0.distance < $1.distance }
        guard let near, near.distance <= max(word.count / 3, 1) else { return "." }
        return ". Did you mean '\(near.word)'?"
    }

    /// How many letters are to be put in, left out, changed or swapped with the next until one word is the other.
    package static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one), Array(other))
        var rows = [Array(0...other.count)]
        for i in one.indices {
            var row = [i + 1]
            for j in other.indices {
                var least = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (one[i] == other[j] ? 0 : 1))
                if i > 0, j > 0, one[i] == other[j - 1], one[i - 1] == other[j] {
                    least = min(least, rows[i - 1][j - 1] + 1)
                }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[one.count][other.count]
    }
}
