import Foundation
import Glibc
import MAEFiles

/// Which files of a cache were verified since the machine was started, for all processes that share it.
///
/// A file counts as verified while its identity is the same. After a restart of the machine nothing counts: what a power
/// cut leaves may have the size and times of the whole file, and other bytes.
struct VerificationRecords {
    let directory: String

    private struct Record: Codable, Equatable {
        let identity: FileIdentity
        let boot: String
    }

    /// Whether the file `name` was verified, and has not changed since.
    func isVerified(_ name: String, _ identity: FileIdentity) -> Bool {
        guard let record = Self.record(identity), let content = FileManager.default.contents(atPath: path(name)) else {
            return false
        }
        return (try? JSONDecoder().decode(Record.self, from: content)) == record
    }

    /// Records that the file `name` is verified.
    func add(_ name: String, _ identity: FileIdentity) {
        // A record that cannot be written costs another reading, nothing else.
        guard let content = try? JSONEncoder().encode(Self.record(identity)) else { return }
        try? AtomicFile.write(content, to: path(name), AtomicFileOptions(durability: .none))
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
