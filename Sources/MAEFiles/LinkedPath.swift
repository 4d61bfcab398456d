import Glibc

/// Follows links by hand, so that none of another user decides which file is written.
public enum LinkedPath {
    /// More links after each other than the system follows.
    private static let mostLinks = 40

    /// Where `path` leads when all links on the way are followed; a last part that is not there is kept.
    ///
    /// Links of this user and of root are followed; with `isGuarded`, only where none but these can put another link in their place.
    ///
    /// - Throws: ``FileError``: `foreignLink` for a link of anyone else, `ELOOP` for links without an end, and with `isGuarded`
    ///   `foreignFolder` and `openFolder` for the folder that a link is in.
    public static func target(of path: String, isGuarded: Bool = false) throws(FileError) -> String {
        var current = path.hasPrefix("/") ? "/" : ""
        var pending = Array(path.split(separator: "/").map(String.init).reversed())
        var links = 0
        while let part = pending.popLast() {
            let candidate = current + part
            var status = stat()
            guard lstat(candidate, &status) == 0 else {
                return ([candidate] + pending.reversed()).joined(separator: "/")
            }
            guard status.st_mode & S_IFMT == S_IFLNK else {
                current = pending.isEmpty ? candidate : candidate + "/"
                continue
            }
            guard status.st_uid == geteuid() || status.st_uid == 0 else {
                throw FileError(path, .foreignLink(candidate))
            }
            if isGuarded { try Folder.requireKept(current.isEmpty ? "." : current) }
            links += 1
            guard links <= mostLinks, let target = FileSystem.text(ofLink: candidate) else {
                throw FileError(path, .system(ELOOP))
            }
            // Links such as /dev/stdout lead to what has no name: the system alone can follow them.
            let place = target.hasPrefix("/") ? target : current + target
            if lstat(place, &status) != 0, stat(candidate, &status) == 0 {
                return ([candidate] + pending.reversed()).joined(separator: "/")
            }
            if target.hasPrefix("/") { current = "/" }
            pending += target.split(separator: "/").map(String.init).reversed()
        }
        return current.isEmpty ? path : current
    }
}
