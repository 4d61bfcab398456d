import Foundation
import GRDB
import MAEDomain
import MAEVerify

extension Store {
    /// All results of a run, in the order in which they were recorded, each exactly as it was handed in.
    public func results(of name: String) throws -> [ResultRecord] {
        try read { database in
            let rows = try ResultRow.of(number(of: name, database)).fetchCursor(database)
            var reader = ResultReader(self, database)
            var results: [ResultRecord] = []
            while let row = try rows.next() { results.append(try reader.result(row)) }
            return results
        }
    }

    /// What a row tells of its result, the list of parameters excepted.
    func observation(_ row: ResultRow, in context: Observation) throws -> Observation {
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

    /// What results of a context share.
    func context(_ identifier: Int64, _ database: Database) throws -> Observation {
        guard let row = try ContextRow.fetchOne(database, key: identifier) else {
            throw damaged("context \(identifier)")
        }
        guard row.isWhole else { throw changed("context \(identifier)") }
        return try decode(StoredContext.self, row.content, "context \(identifier)").observation
    }

    /// A list of parameters by its digest.
    func fingerprints(_ digest: String, _ database: Database) throws -> [TensorFingerprint] {
        guard let row = try FingerprintsRow.fetchOne(database, key: digest) else { throw damaged("manifest \(digest)") }
        guard row.isWhole else { throw changed("manifest \(digest)") }
        return try decode(StoredFingerprints.self, row.content, "manifest \(digest)").fingerprints
    }
}
