/// Whether two paths look like files saved side by side.
package enum SiblingPaths {
    /// Same folder, and the same name up to its ending, or with a word for weights behind it.
    package static func areSiblings(_ left: String, _ right: String) -> Bool {
        let (mine, theirs) = (parts(left), parts(right))
        guard left != right, mine.folder == theirs.folder, !mine.stem.isEmpty, !theirs.stem.isEmpty else {
            return false
        }
        let (short, long) = mine.stem.count <= theirs.stem.count ? (mine.stem, theirs.stem) : (theirs.stem, mine.stem)
        return long.hasPrefix(short) && (long == short || saysWeights(long.dropFirst(short.count)))
    }

    /// Whether what a name has beyond another says that it is the weights of the same: `_statedict`, `-weights`.
    private static func saysWeights(_ rest: Substring) -> Bool {
        guard let first = rest.first, "_-.".contains(first) else { return false }
        let word = rest.lowercased().filter(\.isLetter)
        return word == "sd" || word.contains("state") || word.contains("weights")
    }

    /// What follows the last dot of the file's name; empty when there is none.
    package static func ending(_ path: String) -> String { String(parts(path).ending) }

    private static func parts(_ path: String) -> (folder: Substring, stem: Substring, ending: Substring) {
        let slash = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        let name = path[slash...]
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return (path[..<slash], name, "") }
        return (path[..<slash], name[..<dot], name[name.index(after: dot)...])
    }
}
