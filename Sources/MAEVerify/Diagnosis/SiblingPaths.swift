/// Whether two paths look like files saved side by side.
package enum SiblingPaths {
    /// Same folder, and one name without its ending starts with the other.
    package static func areSiblings(_ left: String, _ right: String) -> Bool {
        let (mine, theirs) = (parts(left), parts(right))
        guard left != right, mine.folder == theirs.folder, !mine.stem.isEmpty, !theirs.stem.isEmpty else {
            return false
        }
        return mine.stem.hasPrefix(theirs.stem) || theirs.stem.hasPrefix(mine.stem)
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
