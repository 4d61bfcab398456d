import Foundation
import Glibc
import MAEFiles

/// Which files of a cache were verified since the machine was started, for all processes that share it.
///
/// A file counts as verified while its identity is the same. After a restart of the machine nothing counts: what a power
/// cut leaves may have the size and times of the whole file, and other bytes.
struct VerificationRecords {
    let directory: String

    private static let maximumByteCount = 1 << 12

    private struct Record: Codable {
        let identity: FileIdentity
        let boot: String
    }

    /// Whether the file `name` was verified, and has not changed since.
    func isVerified(_ name: String, _ identity: FileIdentity) -> Bool {
        guard let record = Self.record(identity),
            let content = try? RegularFile(path(name), followsLink: false).bytes(limit: Self.maximumByteCount),
            let known = try? JSONDecoder().decode(Record.self, from: Data(content))
        else { return false }
        // Without the time of change, which each use of a file in the cache sets. Only this user may write to its folder.
        return known.boot == record.boot && known.identity.hasSameContent(as: record.identity)
    }

    /// Records that the file `name` is verified.
    func add(_ name: String, _ identity: FileIdentity) {
        // A record that cannot be written costs another reading, nothing else.
        guard let content = try? JSONEncoder().encode(Self.record(identity)) else { return }
        try? AtomicFile.write(content, to: path(name), AtomicFileOptions(durability: .none, mode: 0o600))
    }

    /// Forgets the file `name`.
    func remove(_ name: String) { unlink(path(name)) }

    private func path(_ name: String) -> String { directory + "/" + name }

    private static func record(_ identity: FileIdentity) -> Record? {
        // Without a name for this start of the machine, no file counts as verified.
        guard let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8) else {
            return nil
        }
        return Record(identity: identity, boot: boot)
    }
}
