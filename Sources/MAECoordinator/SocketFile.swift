import Glibc
import MAEFiles

/// The right to listen at a socket file.
///
/// libzmq takes the place of a socket that is there, also while another program listens at it, and tells neither. So
/// coordinators agree by a lock, on a file next to the socket, which goes with this object.
final class SocketFile: Sendable {
    private let path: String
    private let lock: LockedFile

    /// Takes the right to listen at the socket file `path` of `endpoint`.
    ///
    /// - Parameter usesKeys: where not, the folder must be one that only this user and root can put something into, since a
    ///   program that puts another socket there passes for the coordinator.
    /// - Throws: ``CoordinatorError``
    init(_ path: String, of endpoint: String, usesKeys: Bool) throws(CoordinatorError) {
        let folder = FileSystem.split(path).folder
        guard FileSystem.isDirectory(folder) else {
            throw CoordinatorError(
                .missingFolder, "\(endpoint): there is no folder \(folder); make it, or name a file in another one")
        }
        do throws(FileError) {
            if !usesKeys { try Folder.requireGuarded(folder) }
        } catch {
            throw CoordinatorError(
                .unguardedFolder,
                "\(endpoint): \(error.reason), so another program could pass for this coordinator; leave --bind out for a "
                    + "socket file of your own, or use keys with --secure")
        }
        self.path = path + ".lock"
        do throws(FileError) {
            guard let lock = try LockedFile(self.path, .exclusive, for: .writing, mode: 0o600) else {
                throw FileError(self.path, .system(EWOULDBLOCK))
            }
            self.lock = lock
        } catch {
            guard error.problem == .system(EWOULDBLOCK) else {
                throw CoordinatorError(.unwritableFile, "\(error). \(error.remedyForWriting)")
            }
            throw CoordinatorError(
                .endpointInUse,
                "another mae-coord listens at \(endpoint): wait for its run to end, or give this one an endpoint of its own, "
                    + "such as --bind \(endpoint)-2, and its workers the same with --connect")
        }
    }

    // While it is locked, so that no other coordinator has it.
    deinit { FileSystem.removeFile(path) }
}
