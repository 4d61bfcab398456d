import Foundation
import GRDB
import MAEDomain
import MAETensor
import MAEVerify

/// An observation as it lies in the store: what it shares with others once for all of them, as are the parameters' lists,
/// a whole output in a file of its own, and the rest in the columns of one row.
struct StoredObservation {
    let record: ResultRecord
    let context: ObservationContext
    let manifest: (digest: SHA256Digest, content: Data)?
    private let layernormFile: SHA256Digest?
    private let details: Data?

    init(_ record: ResultRecord, tensors: TensorFolder) throws {
        self.record = record
        let observation = record.observation
        context = ObservationContext(observation)
        manifest = try observation.weights.manifest.map { manifest in
            let content = try JSONEncoder.store.encode(manifest)
            return (SHA256Digest(of: content), content)
        }
        layernormFile = try observation.layernorm.map { try tensors.write($0) }
        details = try ResultDetails(observation)?.encoded
    }

    static let insertion = """
        INSERT INTO results (run, shard, node, context, batch, seed, received, digests, load_seconds, input_seconds,
            forward_seconds, pooled_shape, pooled, layernorm_shape, layernorm_file, manifest, details)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    func arguments(run: Int64, node: Int64, context: Int64) -> StatementArguments {
        let observation = record.observation
        return [
            run, record.shard, node, context, observation.batch.index, Int64(bitPattern: observation.batch.seed),
            record.received.timeIntervalSince1970, observation.digests.data, observation.seconds.load,
            observation.seconds.input, observation.seconds.forward, Self.text(observation.pooled.shape),
            Data(observation.pooled.littleEndianBytes), observation.layernorm.map { Self.text($0.shape) },
            layernormFile?.description, manifest?.digest.description, details,
        ]
    }

    /// Reads a row of `results`, joined with the content of its manifest as `manifest_content`.
    static func read(_ row: Row, in context: Observation, store: Store) throws -> ResultRecord {
        let what = "result \(row["id"] as Int64)"
        var observation = context
        let bytes: Data = row["pooled"]
        guard let shape = shape(row["pooled_shape"]),
            let pooled = Tensor(shape: shape, littleEndianBytes: Array(bytes)),
            let digests = StageDigests(row["digests"] as Data)
        else { throw store.damaged(what) }
        observation.batch.index = row["batch"]
        observation.batch.seed = UInt64(bitPattern: row["seed"])
        observation.digests = digests
        observation.pooled = pooled
        // A number that is none is NULL in SQLite.
        observation.seconds = StageSeconds(
            load: row["load_seconds"] ?? .nan, input: row["input_seconds"] ?? .nan,
            forward: row["forward_seconds"] ?? .nan)
        if let content = row["details"] as Data? {
            let details = try store.decode(ResultDetails.self, content, what)
            observation.keptPatches = details.keptPatches
            observation.layers = details.layers
        }
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

/// What few results have.
struct ResultDetails: Codable {
    var keptPatches: [[Int]]?
    var layers: [LayerDigest]?

    /// Nil for an observation with nothing of the kind.
    init?(_ observation: Observation) {
        guard observation.keptPatches != nil || observation.layers != nil else { return nil }
        keptPatches = observation.keptPatches
        layers = observation.layers
    }

    var encoded: Data { get throws { try JSONEncoder.store.encode(self) } }
}

extension StageDigests {
    /// The digests one after the other, in the order of the schema.
    var data: Data {
        var data = Data(capacity: 7 * 32)
        for digest in [input, noise, mask, order, layernorm, returned, pooled] { data.append(contentsOf: digest.bytes) }
        return data
    }

    fileprivate init?(_ data: Data) {
        let digests = stride(from: 0, to: data.count, by: 32).compactMap {
            SHA256Digest(bytes: data.dropFirst($0).prefix(32))
        }
        guard data.count == 7 * 32, digests.count == 7 else { return nil }
        self.init(
            input: digests[0], noise: digests[1], mask: digests[2], order: digests[3], layernorm: digests[4],
            returned: digests[5], pooled: digests[6])
    }
}
