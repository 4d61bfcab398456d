import Foundation
import MAEDomain
import MAETensor
import MAEVerify

/// A result with all that is encoded, and written to files, before the transaction that records it begins.
///
/// An object, since it holds dozens of strings and lists: a copy of them takes longer than the insertion of a small row.
final class PreparedResult {
    let record: ResultRecord
    let context: StoredContext
    /// The list of its parameters, if it came with the result.
    let fingerprints: FingerprintsRow?
    let layernormFile: SHA256Digest?
    let details: Data?

    /// Writes the whole layernorm output to its file, if there is one.
    init(_ record: ResultRecord, tensors: TensorFolder) throws {
        self.record = record
        context = StoredContext(record.observation)
        fingerprints = try record.observation.weights.fingerprints.map {
            FingerprintsRow(content: try StoredFingerprints($0).encoded)
        }
        layernormFile = try record.observation.layernorm.map { try tensors.write($0) }
        details = try StoredDetails(record.observation, tensors: tensors)?.encoded
    }
}
