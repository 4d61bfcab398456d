import MAETensor

/// Names of files that are made of names of runs and series, which may hold anything.
enum PageName {
    /// Letters and digits of `text`; where that is not all of it, with some of its digest, so that no two texts share a name.
    static func of(_ text: String) -> String {
        let kept = text.unicodeScalars.prefix(longest).map { isPlain($0) ? Character($0) : "-" }
        let name = String(kept)
        let isWhole = name == text && !name.hasPrefix(".") && !name.isEmpty
        return isWhole
            ? name : "\(name.hasPrefix(".") ? "-" : "")\(name)-\("\(SHA256Digest(of: Array(text.utf8)))".prefix(8))"
    }

    private static let longest = 100

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": true
        default: false
        }
    }
}
