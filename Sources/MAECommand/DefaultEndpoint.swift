import Foundation
import Glibc
import MAEFiles
import ZeroMQ

/// Where the coordinator and the workers of one user meet when no endpoint is named: a socket file in a folder of that user,
/// which no other can enter.
public enum DefaultEndpoint {
    private static let socketName = "coordinator"

    /// The endpoint, whose folder is made where it is missing.
    ///
    /// It is in `XDG_RUNTIME_DIR`, or in the folder that systemd makes under that name; in `/tmp` where there is none of this
    /// user. So a session and a service find the same one.
    ///
    /// - Parameter option: names another endpoint, for the message.
    /// - Throws: ``DefaultEndpointError`` when others could put something into the folder.
    public static func make(
        _ environment: [String: String], otherwise option: String
    ) throws(DefaultEndpointError) -> String {
        let session = [environment["XDG_RUNTIME_DIR"], "/run/user/\(geteuid())"].compactMap(\.self)
        for parent in session where parent.hasPrefix("/") {
            let folder = parent + "/mae"
            guard (folder + "/" + socketName).utf8.count <= Endpoint.mostPathBytes else { continue }
            // Before anything is made there: it may be another user's.
            if (try? Folder.requireGuarded(parent)) != nil, (try? make(folder)) != nil { return endpoint(in: folder) }
        }
        let folder = "/tmp/mae-\(geteuid())"
        do { try make(folder) } catch { throw DefaultEndpointError(error, option: option) }
        return endpoint(in: folder)
    }

    private static func make(_ folder: String) throws(FileError) {
        try Folder.makePrivate(folder)
        try Folder.requireGuarded(folder)
    }

    private static func endpoint(in folder: String) -> String { "ipc://\(folder)/\(socketName)" }
}

/// Why the folder of the default endpoint cannot be used.
public struct DefaultEndpointError: Error, CustomStringConvertible {
    /// The folder, what is wrong with it, and the remedy.
    public let description: String

    init(_ error: FileError, option: String) {
        description =
            "\(error), so it is no place to meet a coordinator or workers of this user: remove it, or name an endpoint with "
            + "\(option)"
    }
}
