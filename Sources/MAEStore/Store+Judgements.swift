import Foundation
import GRDB
import MAEVerify

extension Store {
    /// Records that a run has ended and what was made of its results, in place of an earlier ending and judgement.
    ///
    /// The results that it names are recorded before.
    public func record(_ judgement: Judgement, run name: String, at time: Date) throws {
        let content = try StoredJudgement(judgement).encoded
        try write { database in
            var row = JudgementRow(judgement, content: content, run: try number(of: name, database), ended: time)
            try row.upsert(database)
        }
    }

    /// What was made of a run's results, as it was recorded.
    ///
    /// Throws ``StoreError/Code/notJudged`` for a run that was never judged.
    public func judgement(of name: String) throws -> Judgement {
        try read { database in
            let (row, run) = try find(name, database)
            guard let stored = try JudgementRow.of(run).fetchOne(database) else {
                throw StoreError(
                    .notJudged, path: directory,
                    "run \(name) has no report yet: it is under way, or was cut off; mae-coord verify --resume \(name) "
                        + "carries it on")
            }
            let what = "the judgement of run \(name)"
            guard stored.isWhole else { throw changed(what) }
            let document = try decode(StoredJudgement.self, stored.content, what)
            var observations: [Observation] = []
            var reader = try BatchReader(
                ResultRow.ofBatches(document.comparison.batches, database, of: run), ResultReader(self, database))
            while let batch = try reader.next() { observations += batch.observations }
            guard let judgement = document.judgement(of: try plan(row), observations) else { throw damaged(what) }
            return judgement
        }
    }
}
