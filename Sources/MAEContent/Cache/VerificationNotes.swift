import Foundation
import Glibc
import MAEFiles

/// Which files of a cache were found to be right since the machine was started, for all processes that share it.
///
/// A file counts as it was found while its identity is the same. After a restart of the machine nothing counts: what a power
/// cut leaves may have the size and times of the whole file, and other bytes.
struct VerificationNotes {
    let directory: String

    private static let mostBytes = 1 << 12

    private struct Note: Codable {
        let identity: FileIdentity
        let boot: String
    }

    /// Whether the file `name` was found to be right, and is as it was then.
    func vouch(for name: String, _ identity: FileIdentity) -> Bool {
        guard let note = Self.note(identity),
            let content = try? RegularFile(path(name), followsLink: false).bytes(limit: Self.mostBytes)
        else { return false }
        guard let known = try? JSONDecoder().decode(Note.self, from: Data(content)) else { return false }
        // Without the time of change, which each use of a file in the cache sets. Only this user may write to its folder.
        return known.boot == note.boot && known.identity.hasSameContent(as: note.identity)
    }

    /// Notes that the file `name` is right.
    func add(_ name: String, _ identity: FileIdentity) {
        // A note that cannot be written costs another reading, nothing else.
        guard let content = try? JSONEncoder().encode(Self.note(identity)) else { return }
        try? AtomicFile.write(content, to: path(name), AtomicFileOptions(durability: .none, mode: 0o600))
    }

    /// Forgets the file `name`.
    func remove(_ name: String) { unlink(path(name)) }

    private func path(_ name: String) -> String { directory + "/" + name }

    private static func note(_ identity: FileIdentity) -> Note? {
        // Without a name for this start of the machine, nothing is vouched for.
        guard let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8) else {
            return nil
        }
        return Note(identity: identity, boot: boot)
    }
}
