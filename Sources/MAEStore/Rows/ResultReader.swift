import GRDB
import MAEDomain
import MAEVerify

/// Makes results of rows, and remembers what many of them share.
struct ResultReader {
    /// More contexts or lists of parameters than nodes and methods usually have are read again.
    private static let mostRemembered = 4096

    private let store: Store
    private let database: Database
    private var contexts: [Int64: Observation] = [:]
    private var fingerprints: [String: [TensorFingerprint]] = [:]

    init(_ store: Store, _ database: Database) { (self.store, self.database) = (store, database) }

    /// The result of a row, if the row is what was stored.
    mutating func result(_ row: ResultRow) throws -> ResultRecord {
        guard row.isWhole else { throw store.changed("result \(row.id ?? 0)") }
        var observation = try store.observation(row, in: context(row.context))
        if let digest = row.fingerprints { observation.weights.fingerprints = try fingerprints(digest) }
        return ResultRecord(shard: row.shard, observation: observation, received: row.received)
    }

    private mutating func context(_ identifier: Int64) throws -> Observation {
        if let known = contexts[identifier] { return known }
        if contexts.count >= Self.mostRemembered { contexts = [:] }
        let context = try store.context(identifier, database)
        contexts[identifier] = context
        return context
    }

    private mutating func fingerprints(_ digest: String) throws -> [TensorFingerprint] {
        if let known = fingerprints[digest] { return known }
        if fingerprints.count >= Self.mostRemembered { fingerprints = [:] }
        let list = try store.fingerprints(digest, database)
        fingerprints[digest] = list
        return list
    }
}

/// The results of a run batch by batch, as long as rows of one batch follow each other.
struct BatchReader {
    /// Results of one batch.
    struct Batch {
        var observations: [Observation] = []
        /// The number of the context of each.
        var contexts: [Int64] = []
        /// The largest number of a row.
        var lastRow: Int64 = 0
    }

    private let rows: RecordCursor<ResultRow>
    private var reader: ResultReader
    private var pending: ResultRow?

    init(_ rows: RecordCursor<ResultRow>, _ reader: ResultReader) throws {
        (self.rows, self.reader) = (rows, reader)
        pending = try rows.next()
    }

    /// The next results of one batch; nil after the last.
    mutating func next() throws -> Batch? {
        guard let first = pending else { return nil }
        var batch = Batch()
        while let row = pending, row.batch == first.batch {
            batch.observations.append(try reader.result(row).observation)
            batch.contexts.append(row.context)
            batch.lastRow = max(batch.lastRow, row.id ?? 0)
            pending = try rows.next()
        }
        return batch
    }
}
