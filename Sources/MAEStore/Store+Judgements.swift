import Foundation
import GRDB

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
            let observations = try results(of: run, database).map(\.observation)
            let document = try decode(StoredJudgement.self, stored.content, what)
            guard let judgement = document.judgement(of: try plan(row), observations) else { throw damaged(what) }
            return judgement
        }
    }
}
