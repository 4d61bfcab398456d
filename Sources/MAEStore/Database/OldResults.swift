import Foundation
import GRDB
import MAEVerify

/// Results as version 1 of the schema had them: each with its observation as JSON.
enum OldResults {
    /// Moves them from `old_results` to the tables of version 2.
    static func move(_ database: Database) throws {
        let rows = try Row.fetchCursor(database, sql: "SELECT id, observation FROM old_results ORDER BY id")
        while let row = try rows.next() {
            let observation = try JSONDecoder.store.decode(Observation.self, from: row["observation"] as Data)
            let context = try ObservationContext(observation).encoded
            try database.execute(
                sql: "INSERT OR IGNORE INTO contexts (digest, content) VALUES (?, ?)",
                arguments: [context.digest, context.content])
            try database.execute(
                sql: """
                    INSERT INTO results (id, run, shard, node, context, batch, seed, received, digests, load_seconds,
                        input_seconds, forward_seconds, pooled_shape, pooled, layernorm_shape, layernorm_file, manifest,
                        details)
                    SELECT id, run, shard, node, (SELECT id FROM contexts WHERE digest = ?), batch, ?, received, ?, ?,
                        ?, ?, pooled_shape, pooled, layernorm_shape, layernorm_file, manifest, ?
                    FROM old_results WHERE id = ?
                    """,
                arguments: [
                    context.digest, Int64(bitPattern: observation.batch.seed), observation.digests.data,
                    observation.seconds.load, observation.seconds.input, observation.seconds.forward,
                    try ResultDetails(observation)?.encoded, row["id"] as Int64,
                ])
        }
    }
}
