import Foundation
import GRDB
import MAEDomain
import MAEVerify

extension Store {
    /// The results of a run, in the order in which they were recorded, each exactly as it was handed in.
    ///
    /// The first `known` of them are left out: none is ever recorded before one that was read.
    public func results(of name: String, skipping known: Int = 0) throws -> [ResultRecord] {
        try read { try results(of: number(of: name, $0), skipping: known, $0) }
    }

    /// The results of a run, by its number.
    func results(of run: Int64, skipping known: Int = 0, _ database: Database) throws -> [ResultRecord] {
        // SQLite takes a limit of -1 for none.
        let rows = try ResultRow.of(run).limit(-1, offset: known).fetchCursor(database)
        var results: [ResultRecord] = []
        var contexts: [Int64: Observation] = [:]
        var fingerprints: [String: [TensorFingerprint]] = [:]
        while let row = try rows.next() {
            guard row.isWhole else { throw changed("result \(row.id ?? 0)") }
            let context = try contexts[row.context] ?? context(row.context, database)
            contexts[row.context] = context
            var observation = try observation(row, in: context)
            if let digest = row.fingerprints {
                let known = try fingerprints[digest] ?? self.fingerprints(digest, database)
                fingerprints[digest] = known
                observation.weights.fingerprints = known
            }
            results.append(ResultRecord(shard: row.shard, observation: observation, received: row.received))
        }
        return results
    }

    /// What a row tells of its result, the list of parameters excepted.
    private func observation(_ row: ResultRow, in context: Observation) throws -> Observation {
        let what = "result \(row.id ?? 0)"
        guard var observation = row.observation(in: context) else { throw damaged(what) }
        if let content = row.details {
            let details = try decode(StoredDetails.self, content, what)
            observation.layers = observation.layers ?? details.layerDigests
            observation.examination = try details.examination.flatMap { try $0.answer(tensors) }
        }
        if row.layernormFile != nil {
            guard let (file, shape) = row.layernorm else { throw damaged(what) }
            observation.layernorm = try tensors.read(file, shape: shape)
        }
        return observation
    }

    /// What results have in common, as an observation with blanks for the rest.
    func context(_ identifier: Int64, _ database: Database) throws -> Observation {
        guard let row = try ContextRow.fetchOne(database, key: identifier) else {
            throw damaged("context \(identifier)")
        }
        guard row.isWhole else { throw changed("context \(identifier)") }
        return try decode(StoredContext.self, row.content, "context \(identifier)").observation
    }

    private func fingerprints(_ digest: String, _ database: Database) throws -> [TensorFingerprint] {
        guard let row = try FingerprintsRow.fetchOne(database, key: digest) else { throw damaged("manifest \(digest)") }
        guard row.isWhole else { throw changed("manifest \(digest)") }
        return try decode(StoredFingerprints.self, row.content, "manifest \(digest)").fingerprints
    }
}
