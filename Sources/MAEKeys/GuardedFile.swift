import Foundation
import ZeroMQ

/// Files and folders that belong to one user and are closed to all others: read with that checked, written whole.
enum GuardedFile {
    /// Bytes that a key file has at most.
    private static let mostBytes = 4096
    /// Permissions of group and others.
    private static let others: mode_t = 0o077

    /// Reads a file after checking, on the open file, that it is a regular one which its owner alone may touch.
    static func read(_ path: String) throws(KeyError) -> [UInt8] {
        // A named pipe must not keep us waiting, and a link could lead to a file that is checked in another's place.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ELOOP { throw KeyError(.insecure, path, "is a link; name the file itself") }
            throw readFailure(path, errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw readFailure(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw KeyError(.malformed, path, "is no regular file") }
        try requireOwn(status, path, "chmod 600")
        guard status.st_size <= mostBytes else { throw KeyError(.malformed, path, "is too large for a key file") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var count = 0
        while count < bytes.count {
            let step = bytes[count...].withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if step < 0 && errno == EINTR { continue }
            guard step >= 0 else { throw readFailure(path, errno) }
            guard step > 0 else { throw KeyError(.malformed, path, "was cut short while it was read") }
            count += step
        }
        return bytes
    }

    /// Checks that a folder is one which its owner alone may touch.
    static func requireFolder(_ path: String) throws(KeyError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw readFailure(path, errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw KeyError(.malformed, path, "is no folder") }
        try requireOwn(status, path, "chmod 700")
    }

    /// Makes a folder that its owner alone may touch; one that is there already must be such a folder.
    static func makeFolder(_ path: String) throws(KeyError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw writeFailure(path, errno) }
        try requireFolder(path)
    }

    /// Writes a new file, whole or not at all and durably, then wipes `bytes`; throws ``KeyError/Code/exists`` when there is one.
    static func create(_ path: String, _ bytes: inout [UInt8]) throws(KeyError) {
        defer { bytes.withUnsafeMutableBytes(wipe) }
        let folder = (path as NSString).deletingLastPathComponent
        let temporary = (folder.isEmpty ? "." : folder) + "/.\(getpid())-\(UInt64.random(in: .min ... .max)).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw writeFailure(path, errno) }
        defer { unlink(temporary) }
        let isWritten = write(bytes, descriptor)
        let failure = errno
        close(descriptor)
        guard isWritten else { throw writeFailure(path, failure) }
        // A link instead of a renaming: it never takes the place of another file.
        guard link(temporary, path) == 0 else {
            if errno == EEXIST { throw KeyError(.exists, path, "is there already and is not overwritten") }
            throw writeFailure(path, errno)
        }
        try sync(folder.isEmpty ? "." : folder)
    }

    /// Removes a file, durably.
    static func remove(_ path: String) throws(KeyError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw writeFailure(path, errno) }
        try sync((path as NSString).deletingLastPathComponent)
    }

    private static func write(_ bytes: [UInt8], _ descriptor: CInt) -> Bool {
        var count = 0
        while count < bytes.count {
            let step = bytes[count...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if step < 0 && errno == EINTR { continue }
            guard step > 0 else { return false }
            count += step
        }
        return fsync(descriptor) == 0
    }

    private static func sync(_ folder: String) throws(KeyError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw writeFailure(folder, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw writeFailure(folder, errno) }
    }

    private static func requireOwn(_ status: stat, _ path: String, _ remedy: String) throws(KeyError) {
        guard status.st_uid == geteuid() else {
            throw KeyError(
                .insecure, path,
                "belongs to user \(status.st_uid), and this program runs as user \(geteuid()); give it to that user")
        }
        guard status.st_mode & others == 0 else {
            throw KeyError(
                .insecure, path,
                "is open to others (mode \(String(status.st_mode & 0o7777, radix: 8))); close it with: "
                    + "\(remedy) '\(path)', and make new keys if others may have read it")
        }
    }

    private static func readFailure(_ path: String, _ number: CInt) -> KeyError {
        switch number {
        case ENOENT, ENOTDIR: KeyError(.missing, path, "does not exist")
        case EACCES, EPERM: KeyError(.insecure, path, "may not be read by this user; give it to the user that needs it")
        default: KeyError(.unreadable, path, "cannot be read: \(String(cString: strerror(number)))")
        }
    }

    private static func writeFailure(_ path: String, _ number: CInt) -> KeyError {
        KeyError(.unwritable, path, "cannot be written: \(String(cString: strerror(number)))")
    }
}
