import GRDB
import MAEVerify

extension Store {
    /// Hands the first results of both runs' cells to `body`, batch by batch, for each batch that is of both: with the same seed, or of
    /// the same images.
    ///
    /// `other` is a store that was opened by itself, also where both runs are in one folder.
    ///
    /// - Throws: what the stores throw, and what `body` does.
    public func eachSharedBatch(
        of later: String, and earlier: String, in other: Store, _ body: ([Observation], [Observation]) throws -> Void
    ) throws {
        precondition(other !== self, "a store reads one run at a time")
        try read { database in
            try other.read { otherDatabase in
                var (mine, theirs) = (
                    try FirstResults(self, database, later), try FirstResults(other, otherDatabase, earlier)
                )
                guard let distance = theirs.plan.distance(to: mine.plan) else { return }
                var (now, before) = (try mine.next(), try theirs.next())
                while let batch = now, let old = before {
                    let (index, place) = (batch[0].batch.index &+ distance, old[0].batch.index)
                    if index == place { try body(old, batch) }
                    if index <= place { now = try mine.next() }
                    if place <= index { before = try theirs.next() }
                }
            }
        }
    }
}

/// The first results of a run's cells, batch by batch in ascending order.
private struct FirstResults {
    let plan: RunPlan
    private let store: Store
    private var reader: BatchReader
    private var highest = -1

    init(_ store: Store, _ database: Database, _ name: String) throws {
        let (row, run) = try store.find(name, database)
        self.store = store
        plan = try store.plan(row)
        reader = try BatchReader(
            ResultRow.byShard(database, of: run, after: nil), ResultReader(store, database))
    }

    /// The next results of a batch; nil after the last.
    mutating func next() throws -> [Observation]? {
        while let batch = try reader.next() {
            let firsts = batch.observations.filter { $0.attempt == 0 && !plan.isFresh($0.batch.index) }
            guard let index = firsts.first?.batch.index else { continue }
            guard index > highest else { throw store.damaged("the order of the results of run \(plan.run)") }
            highest = index
            return firsts
        }
        return nil
    }
}

extension RunPlan {
    /// What is added to the index of a batch of `later` to get that of the same batch here; nil where the runs have none in common.
    fileprivate func distance(to later: RunPlan) -> Int? {
        guard images?.path == later.images?.path else { return nil }
        return images == nil ? Int(Int64(bitPattern: later.seed &- seed)) : 0
    }
}
