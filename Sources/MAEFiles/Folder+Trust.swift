import Glibc

/// Who, apart from this user and root, decides what is in a folder.
extension Folder {
    /// Makes sure that only this user and root can put something into the folder at `path`, or another folder in its place.
    ///
    /// Links on the way may be of this user and of root. Folders above it may be ones in which everyone makes files and removes
    /// only their own, such as `/tmp`; a group that may write to one of them is trusted.
    ///
    /// - Throws: ``FileError``: `foreignFolder`, `openFolder`, `foreignLink`, and `ENOENT` when there is no such folder.
    public static func requireGuarded(_ path: String) throws(FileError) {
        _ = try LinkedPath.target(of: path)
        try requireClosed(path, mayBeShared: false)
    }

    /// Makes sure that only this user and root can put something else in the place of what they have in the folder at `path`.
    ///
    /// As ``requireGuarded(_:)``, but the folder itself too may be one in which everyone removes only their own.
    ///
    /// - Throws: ``FileError``: `foreignFolder`, `openFolder`, and `ENOENT` when there is no such folder.
    static func requireKept(_ path: String) throws(FileError) { try requireClosed(path, mayBeShared: true) }

    private static func requireClosed(_ path: String, mayBeShared: Bool) throws(FileError) {
        guard let place = FileSystem.realPath(path) else { throw FileError(errnoAt: path) }
        let parts = place.split(separator: "/")
        for count in 0...parts.count {
            let folder = "/" + parts.prefix(count).joined(separator: "/")
            let status = try status(of: folder)
            try requireTrustedOwner(status, of: folder, for: path)
            let isLast = count == parts.count
            let isShared = status.st_mode & S_ISVTX != 0
            let closed = isLast ? S_IWGRP | S_IWOTH : S_IWOTH
            let open = isShared && (mayBeShared || !isLast) ? 0 : closed
            guard status.st_mode & open == 0 else { throw FileError(path, .openFolder(folder)) }
        }
    }

    /// Makes sure that the folder at `path`, links followed, is of this user or of root, and that not everyone may write to it.
    ///
    /// A group that may write to it is trusted: that is how a team shares a folder.
    ///
    /// - Throws: ``FileError``: `foreignFolder`, `openFolder`.
    public static func requireTrusted(_ path: String) throws(FileError) {
        let status = try status(of: path)
        try requireTrustedOwner(status, of: path, for: path)
        guard status.st_mode & S_IWOTH == 0 else { throw FileError(path, .openFolder(path)) }
    }

    private static func requireTrustedOwner(_ status: stat, of folder: String, for path: String) throws(FileError) {
        // In a user namespace root of the machine has another number, which is that of the owner of `/`.
        let trusted = try [geteuid(), 0, Self.status(of: "/").st_uid]
        guard trusted.contains(status.st_uid) else { throw FileError(path, .foreignFolder(folder)) }
    }

    private static func status(of path: String) throws(FileError) -> stat {
        var status = Glibc.stat()
        guard stat(path, &status) == 0 else { throw FileError(errnoAt: path) }
        return status
    }
}
