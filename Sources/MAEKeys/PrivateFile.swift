import Glibc
import MAEFiles
import ZeroMQ

/// Files and folders that are closed to all other users but root: read with that checked, written whole.
enum PrivateFile {
    /// Bytes that a key file has at most.
    private static let maximumByteCount = 4096

    /// Reads a file after checking, on the open file, that it is a regular one which no other user than root may touch.
    ///
    /// Links are followed where only this user and root decide where they lead: that is how Kubernetes hands out secrets.
    static func read(_ path: String) throws(KeyError) -> [UInt8] {
        let file: RegularFile
        do {
            let target = try LinkedPath.target(of: path, isGuarded: true)
            // What was no link a moment ago is to be none now.
            file = try RegularFile(target, followsLink: false)
        } catch { throw readFailure(FileError(path, error.problem)) }
        try PrivateAccess(file.owner, file.permissions).require(path, "chmod 600")
        do { return try file.bytes(limit: maximumByteCount) } catch { throw readFailure(error) }
    }

    /// Checks that a folder is one which its owner alone may touch.
    static func requireFolder(_ path: String) throws(KeyError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw readFailure(FileError(path, .system(errno))) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw KeyError(.malformed, path, "is no folder") }
        try PrivateAccess(status.st_uid, status.st_mode & 0o7777, isOwn: true).require(path, "chmod 700")
    }

    /// Makes a folder that its owner alone may touch; one that is there already must be such a folder.
    static func makeFolder(_ path: String) throws(KeyError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw writeFailure(FileError(path, .system(errno))) }
        try requireFolder(path)
    }

    /// Writes a new file, whole or not at all and durably, then wipes `bytes`; throws ``KeyError/Code/exists`` when there is one.
    static func create(_ path: String, _ bytes: inout [UInt8]) throws(KeyError) {
        defer { bytes.withUnsafeMutableBytes(wipe) }
        let options = AtomicFileOptions(durability: .contentAndName, existing: .kept, mode: 0o600)
        do { try AtomicFile.write(bytes, to: path, options) } catch {
            guard error.problem != .system(EEXIST) else {
                throw KeyError(.exists, path, "is there already and is not overwritten")
            }
            throw writeFailure(error)
        }
    }

    /// Removes a file, durably.
    static func remove(_ path: String) throws(KeyError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw writeFailure(FileError(path, .system(errno))) }
        do { try Folder.synchronize(FileSystem.split(path).folder) } catch { throw writeFailure(error) }
    }

    private static func readFailure(_ error: FileError) -> KeyError {
        switch error.problem {
        case .system(ENOENT), .system(ENOTDIR): KeyError(.missing, error.path, "does not exist")
        case .system(EACCES), .system(EPERM):
            KeyError(.insecure, error.path, "may not be read by this user; give it to the user that needs it")
        case .system(ELOOP): KeyError(.insecure, error.path, "is a link that leads nowhere; name the file itself")
        case .system: KeyError(.unreadable, error.path, "cannot be read: \(error.reason)")
        case .notRegular: KeyError(.malformed, error.path, "is no regular file")
        case .tooLarge: KeyError(.malformed, error.path, "is too large for a key file")
        case .foreignLink, .notOwn, .foreignFolder, .openFolder:
            KeyError(.insecure, error.path, "is reached by a link, and \(error.reason); name the file itself")
        case .truncated: KeyError(.malformed, error.path, error.reason)
        }
    }

    private static func writeFailure(_ error: FileError) -> KeyError {
        KeyError(.unwritable, error.path, "cannot be written: \(error.reason)")
    }
}
