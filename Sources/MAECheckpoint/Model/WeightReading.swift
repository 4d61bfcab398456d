import MAEFormats
import MAETensor
import Synchronization

/// What is learnt of a checkpoint's weights by reading them, and kept.
final class WeightReading: Sendable {
    /// Checksums of the files the weights lie in.
    let checksums: PendingChecksums
    private let entries = Mutex<[String: WeightsFingerprints.Entry]>([:])

    init(_ checksums: PendingChecksums) {
        self.checksums = checksums
    }

    /// Whether the digest of `name` is known.
    func hasRead(_ name: String) -> Bool { entries.withLock { $0[name] != nil } }

    /// The digests of all parameters read so far.
    var fingerprints: WeightsFingerprints { WeightsFingerprints(entries.withLock { $0 }.values) }

    /// Verifies, digests and hands over one parameter, all while it is in the processor's caches.
    func read(_ name: String, _ stored: CheckpointTensor, _ body: (Tensor) throws -> Void) throws {
        let parts = [stored] + stored.masks
        defer { for part in parts { part.relinquish() } }
        for part in parts { try checksums.verifyRecord(at: part.storage.bytes.baseAddress) }
        let tensor = try stored.tensor()
        if !hasRead(name) {
            let entry = WeightsFingerprints.Entry(name, tensor)
            entries.withLock { $0[name] = entry }
        }
        try body(tensor)
    }
}
