import Foundation
import GRDB
import MAEDomain
import MAETensor
import MAEVerify

/// A result: what it has of its own, without its context.
struct ResultRow: PreparedRow {
    static let databaseTableName = "results"

    private(set) var id: Int64?
    let run: Int64
    let shard: Int
    let node: Int64
    let context: Int64
    let batch: Int
    /// The bits of an unsigned number.
    let seed: Int64
    let received: Date
    /// Those of input, noise, mask, order, layernorm, returned layernorm and pooled, 32 bytes each; then those after the embeddings and
    /// each block, which older results lack.
    let digests: Data
    // A number that is none is NULL in SQLite.
    let loadSeconds, inputSeconds, forwardSeconds: Double?
    let pooledShape: String
    /// Little-endian fp32.
    let pooled: Data
    let layernormShape: String?
    /// Name of a file of ``TensorFolder``.
    let layernormFile: String?
    let fingerprints: String?
    /// ``StoredDetails``.
    let details: Data?
    private(set) var checksum: Int64?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, run, shard, node, context, batch, seed, received, digests, pooled, details, checksum
        case fingerprints = "manifest"
        case loadSeconds = "load_seconds"
        case inputSeconds = "input_seconds"
        case forwardSeconds = "forward_seconds"
        case pooledShape = "pooled_shape"
        case layernormShape = "layernorm_shape"
        case layernormFile = "layernorm_file"
    }

    /// The row of `result`, whose context, node, list of parameters and layernorm output have their places already.
    init(_ result: PreparedResult, run: Int64, node: Int64, context: Int64) {
        let record = result.record
        (self.run, shard) = (run, record.shard)
        (self.node, self.context) = (node, context)
        (batch, seed) = (record.observation.batch.index, Int64(bitPattern: record.observation.batch.seed))
        received = record.received
        digests = record.observation.digests.storedBytes + (record.observation.layers?.storedBytes ?? Data())
        (loadSeconds, inputSeconds) = (record.observation.seconds.load, record.observation.seconds.input)
        forwardSeconds = record.observation.seconds.forward
        pooledShape = Self.text(record.observation.pooled.shape)
        pooled = Data(record.observation.pooled.littleEndianBytes)
        layernormShape = record.observation.layernorm.map { Self.text($0.shape) }
        layernormFile = result.layernormFile?.description
        fingerprints = result.fingerprints?.digest
        details = result.details
    }

    /// The columns in the order in which ``init(row:)`` reads them.
    private static let columnsInOrder: [CodingKeys] = [
        .id, .run, .shard, .node, .context, .batch, .seed, .received, .digests, .loadSeconds, .inputSeconds,
        .forwardSeconds, .pooledShape, .pooled, .layernormShape, .layernormFile, .fingerprints, .details, .checksum,
    ]

    static var databaseSelection: [any SQLSelectable] { columnsInOrder.map { Column($0) } }

    /// Reads a row, column by column: runs have millions of them, and `Decodable` looks each column up by its name.
    init(row: Row) throws {
        id = try row.decode(atIndex: 0)
        run = try row.decode(atIndex: 1)
        shard = try row.decode(atIndex: 2)
        node = try row.decode(atIndex: 3)
        context = try row.decode(atIndex: 4)
        batch = try row.decode(atIndex: 5)
        seed = try row.decode(atIndex: 6)
        received = Date(timeIntervalSince1970: try row.decode(atIndex: 7))
        digests = try row.decode(atIndex: 8)
        loadSeconds = try row.decode(atIndex: 9)
        inputSeconds = try row.decode(atIndex: 10)
        forwardSeconds = try row.decode(atIndex: 11)
        pooledShape = try row.decode(atIndex: 12)
        pooled = try row.decode(atIndex: 13)
        layernormShape = try row.decode(atIndex: 14)
        layernormFile = try row.decode(atIndex: 15)
        fingerprints = try row.decode(atIndex: 16)
        details = try row.decode(atIndex: 17)
        checksum = try row.decode(atIndex: 18)
    }

    /// The rows of a run that were recorded after row `last`, in the order of shards, as the index of the table has them: shards that a
    /// run begins with are numbered batch by batch.
    static func byShard(_ database: Database, of run: Int64, after last: Int64?) throws -> RecordCursor<ResultRow> {
        let columns = columnsInOrder.map(\.rawValue).joined(separator: ", ")
        let since = last == nil ? "" : "AND id > ?"
        return try fetchCursor(
            database, sql: "SELECT \(columns) FROM results WHERE run = ? \(since) ORDER BY shard, node",
            arguments: StatementArguments([run] + (last.map { [$0] } ?? [])))
    }

    /// The rows of some batches of a run, in the order of shards.
    ///
    /// Shards are searched, not results: they are small.
    static func ofBatches(
        _ batches: Set<Int>, _ database: Database, of run: Int64
    ) throws -> RecordCursor<ResultRow> {
        let columns = columnsInOrder.map { "results.\($0.rawValue)" }.joined(separator: ", ")
        return try fetchCursor(
            database,
            sql: """
                SELECT \(columns) FROM shards CROSS JOIN results ON results.run = shards.run AND results.shard = shards.shard
                WHERE shards.run = ? AND shards.batch IN (SELECT value FROM json_each(?)) ORDER BY shards.shard, results.node
                """, arguments: [run, "[\(batches.sorted().map(String.init).joined(separator: ","))]"])
    }

    /// The results of a run, in the order in which they were recorded.
    static func of(_ run: Int64) -> QueryInterfaceRequest<ResultRow> {
        filter(Column(CodingKeys.run) == run).order(Column(CodingKeys.id))
    }

    /// The names of all files of tensors that results have; nil where a document cannot be read, which may name any.
    static func namedFiles(_ database: Database) throws -> Set<String>? {
        let file = Column(CodingKeys.layernormFile)
        var names = try select(file, as: String.self).filter(file != nil).fetchSet(database)
        let details = Column(CodingKeys.details)
        let documents = try select(details, as: Data.self).filter(details != nil).fetchCursor(database)
        while let document = try documents.next() {
            guard let details = try? StoredDetails(encoded: document) else { return nil }
            names.formUnion(details.examination?.files ?? [])
        }
        return names
    }

    /// The observation, completed from the one that its context gives; nil where the row is damaged.
    ///
    /// The parameters and the whole layernorm output are not in it yet.
    func observation(in context: Observation) -> Observation? {
        guard let shape = Self.shape(pooledShape), let pooled = Tensor(shape: shape, littleEndianBytes: Array(pooled)),
            let digests = SHA256Digest.list(storedBytes: digests),
            let stages = StageDigests(stored: digests.prefix(StageDigests.storedCount))
        else { return nil }
        var observation = context
        (observation.batch.index, observation.batch.seed) = (batch, UInt64(bitPattern: seed))
        (observation.digests, observation.pooled) = (stages, pooled)
        let layers = digests.dropFirst(StageDigests.storedCount)
        observation.layers = layers.isEmpty ? nil : LayerDigests(Array(layers))
        observation.seconds = StageSeconds(
            load: loadSeconds ?? .nan, input: inputSeconds ?? .nan, forward: forwardSeconds ?? .nan)
        return observation
    }

    /// Where the layernorm output is; nil when there is none, or when the row does not say it so that it can be read.
    var layernorm: (file: SHA256Digest, shape: [Int])? {
        guard let file = layernormFile.flatMap(SHA256Digest.init(hex:)), let shape = layernormShape.flatMap(Self.shape)
        else { return nil }
        return (file, shape)
    }

    /// `8x768`; empty for a scalar.
    private static func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "x") }

    private static func shape(_ text: String) -> [Int]? {
        let parts = text.split(separator: "x")
        let shape = parts.compactMap { Int($0) }
        return shape.count == parts.count ? shape : nil
    }
}

extension StageDigests {
    /// How many there are.
    fileprivate static let storedCount = 7

    /// The digests one after the other, in the order of the table.
    fileprivate var storedBytes: Data {
        [input, noise, mask, order, layernorm, returned, pooled].withUnsafeBytes { Data($0) }
    }

    fileprivate init?(stored digests: ArraySlice<SHA256Digest>) {
        guard digests.count == Self.storedCount else { return nil }
        let digests = Array(digests)
        self.init(
            input: digests[0], noise: digests[1], mask: digests[2], order: digests[3], layernorm: digests[4],
            returned: digests[5], pooled: digests[6])
    }
}

extension LayerDigests {
    fileprivate var storedBytes: Data { states.withUnsafeBytes { Data($0) } }
}

extension SHA256Digest {
    /// Digests that are stored one after the other; nil where the last one is cut short.
    fileprivate static func list(storedBytes data: Data) -> [SHA256Digest]? {
        guard data.count % byteCount == 0 else { return nil }
        return stride(from: 0, to: data.count, by: byteCount).compactMap {
            SHA256Digest(bytes: data.dropFirst($0).prefix(byteCount))
        }
    }
}
