import Foundation
import GRDB
import MAETensor
import MAEVerify

/// An observation as it lies in the store: columns for what is asked for, the vectors as bytes, the parameters' list once
/// for all results that share it, a whole output in a file of its own, and the rest as JSON.
struct StoredObservation {
    let record: ResultRecord
    let manifest: (digest: SHA256Digest, content: Data)?
    private let layernormFile: SHA256Digest?
    private let rest: Data

    init(_ record: ResultRecord, tensors: TensorFolder) throws {
        self.record = record
        var rest = record.observation
        manifest = try rest.weights.manifest.map { manifest in
            let content = try JSONEncoder.store.encode(manifest)
            return (SHA256Digest(of: content), content)
        }
        layernormFile = try rest.layernorm.map { try tensors.write($0) }
        rest.weights.manifest = nil
        rest.layernorm = nil
        rest.pooled = Tensor(shape: [0], elements: [])
        self.rest = try JSONEncoder.store.encode(rest)
    }

    static let insertion = """
        INSERT INTO results (run, shard, node, method, batch, attempt, received, weights_sha256, input_sha256,
            mask_sha256, layernorm_sha256, pooled_sha256, load_seconds, forward_seconds, pooled_shape, pooled,
            layernorm_shape, layernorm_file, manifest, observation)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    func arguments(run: Int64, node: Int64) -> StatementArguments {
        let observation = record.observation
        let digests = observation.digests
        return [
            run, record.shard, node, observation.method.label, observation.batch.index, observation.attempt,
            record.received.timeIntervalSince1970, observation.weights.digest.description, digests.input.description,
            digests.mask.description, digests.layernorm.description, digests.pooled.description,
            observation.seconds.load, observation.seconds.forward, Self.text(observation.pooled.shape),
            Data(observation.pooled.littleEndianBytes), observation.layernorm.map { Self.text($0.shape) },
            layernormFile?.description, manifest?.digest.description, rest,
        ]
    }

    /// Reads a row of `results`, joined with the content of its manifest as `manifest_content`.
    static func read(_ row: Row, store: Store) throws -> ResultRecord {
        let what = "result \(row["id"] as Int64)"
        var observation = try store.decode(Observation.self, row["observation"], what)
        let bytes: Data = row["pooled"]
        guard let shape = shape(row["pooled_shape"]),
            let pooled = Tensor(shape: shape, littleEndianBytes: Array(bytes))
        else { throw store.damaged(what) }
        observation.pooled = pooled
        if let content = row["manifest_content"] as Data? {
            observation.weights.manifest = try store.decode([TensorFingerprint].self, content, what)
        }
        if let name = row["layernorm_file"] as String? {
            guard let digest = SHA256Digest(hex: name), let shape = Self.shape(row["layernorm_shape"]) else {
                throw store.damaged(what)
            }
            observation.layernorm = try store.tensors.read(digest, shape: shape)
        }
        return ResultRecord(
            shard: row["shard"], observation: observation, received: Date(timeIntervalSince1970: row["received"]))
    }

    /// `8x768`; empty for a scalar.
    private static func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "x") }

    private static func shape(_ text: String?) -> [Int]? {
        guard let parts = text?.split(separator: "x") else { return nil }
        let shape = parts.compactMap { Int($0) }
        return shape.count == parts.count ? shape : nil
    }
}
