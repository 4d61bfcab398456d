import Foundation
import MAEFiles

/// A folder for the time of one command that its user alone can enter.
struct PrivateFolder {
    let path: String

    /// Bytes of a path that a socket file can have, without the 0 at its end: `sun_path` in unix(7).
    private static let mostSocketBytes = 107
    /// The longest name that is made in the folder for a socket.
    private static let socketName = "/mae-verify-XXXXXX/socket"

    /// Makes the folder where temporary files go; in /tmp where that path is too long for a socket file, or where others could
    /// put another folder in its place.
    ///
    /// - Throws: ``LocalWorkerError``
    init() throws(LocalWorkerError) {
        let usual = FileManager.default.temporaryDirectory.path
        let isShort = usual.utf8.count + Self.socketName.utf8.count <= Self.mostSocketBytes
        let made = try Self.make(in: isShort ? usual : "/tmp")
        if usual != "/tmp", (try? Folder.requireGuarded(made)) == nil {
            rmdir(made)
            path = try Self.make(in: "/tmp")
        } else {
            path = made
        }
    }

    private static func make(in parent: String) throws(LocalWorkerError) -> String {
        var template = Array((parent + "/mae-verify-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw LocalWorkerError(parent, "no folder can be made", number: errno) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// Removes the folder and what is in it, except the files `kept`.
    func remove(keeping kept: [String] = []) {
        guard !kept.isEmpty else {
            try? FileManager.default.removeItem(atPath: path)
            return
        }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where !kept.contains(file(name))
        {
            try? FileManager.default.removeItem(atPath: file(name))
        }
    }
}
