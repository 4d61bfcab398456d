import MAEFormats
import MAETensor
import Synchronization

/// What is learnt of a checkpoint's weights by reading them, and kept.
final class WeightReading: Sendable {
    let checksums: PendingChecksums
    /// The files the weights are in.
    private let files: [CheckpointFile]
    private let entries = Mutex<[String: WeightsFingerprints.Entry]>([:])

    init(_ files: [CheckpointFile], _ checksums: PendingChecksums) {
        self.files = files
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
        do {
            for part in parts { try checksums.verifyRecord(at: part.storage.bytes.baseAddress) }
            let tensor = try stored.tensor()
            if !hasRead(name) { try note(WeightsFingerprints.Entry(name, tensor)) }
            try body(tensor)
        } catch {
            throw cause(of: error)
        }
        try requireWhole()
    }

    /// Keeps the digest of a parameter, unless bytes that it was taken over were not there.
    func note(_ entry: WeightsFingerprints.Entry) throws(CheckpointError) {
        try requireWhole()
        entries.withLock { $0[entry.name] = entry }
    }

    /// A change of the files, which is the cause of any other failure, such as that of a checksum; else `error` itself.
    func cause(of error: any Error) -> any Error {
        do {
            try requireUnchanged()
        } catch let change {
            return change
        }
        return error
    }

    /// Verifies the checksums that were not verified yet, on all cores, and that the files are as they were when they were
    /// opened; throws for the first that is not.
    func verify() throws(CheckpointError) {
        do throws(CheckpointError) {
            try checksums.verifyAll()
        } catch {
            try requireUnchanged()
            throw error
        }
        try requireUnchanged()
    }

    /// Throws when bytes of a file were not there any more as they were read.
    func requireWhole() throws(CheckpointError) { for file in files { try file.requireWhole() } }

    /// Throws when a file was cut short or written to since it was opened.
    func requireUnchanged() throws(CheckpointError) { for file in files { try file.requireUnchanged() } }
}
