import Foundation
import GRDB
import MAEVerify

/// What was folded of a run, and up to which row.
struct FoldedRun {
    let run: Int64
    let tolerance: Tolerance
    var folding: BatchFolding
    var lastRow: Int64
}

extension Store {
    /// The results of a run as they are judged, read batch by batch: of a long run most are only counted.
    ///
    /// What was read before is not read again: only what has come since.
    ///
    /// - Parameters:
    ///   - batches: those whose results are there one by one, whatever is in them.
    ///   - tolerance: how far numeric classes may lie apart; that of the run when left out.
    public func runResults(
        of name: String, requiring batches: Set<Int> = [], tolerance: Tolerance? = nil
    ) throws -> RunResults {
        try read { database in
            let (row, run) = try find(name, database)
            var plan = try plan(row)
            if let tolerance { plan.tolerance = tolerance }
            let known = folded.withLock { $0 }.flatMap { $0.run == run && $0.tolerance == plan.tolerance ? $0 : nil }
            var required: Set<Int> = []
            var now = try fold(plan, run, onto: known, required, database)
            // Rows of one batch that don't follow each other: those batches stay whole.
            while !now.folding.torn.isEmpty {
                required.formUnion(now.folding.torn)
                now = try fold(plan, run, onto: nil, required, database)
            }
            let lacking = batches.filter { !now.folding.isWhole($0) }
            if !lacking.isEmpty {
                var reader = try BatchReader(
                    ResultRow.ofBatches(lacking, database, of: run), ResultReader(self, database))
                while let batch = try reader.next() {
                    now.folding.makeWhole(batch.observations, contexts: batch.contexts)
                }
            }
            folded.withLock { $0 = now }
            return now.folding.results
        }
    }

    private func fold(
        _ plan: RunPlan, _ run: Int64, onto known: FoldedRun?, _ required: Set<Int>, _ database: Database
    ) throws -> FoldedRun {
        var now =
            known
            ?? FoldedRun(
                run: run, tolerance: plan.tolerance, folding: BatchFolding(plan, requiring: required), lastRow: 0)
        var reader = try BatchReader(
            ResultRow.byShard(database, of: run, after: known?.lastRow), ResultReader(self, database))
        while let batch = try reader.next() {
            now.folding.add(batch.observations, contexts: batch.contexts)
            now.lastRow = max(now.lastRow, batch.lastRow)
        }
        return now
    }

    /// Hands each result of a run to `body`, in the order of batches; re-runs come last.
    ///
    /// - Throws: what the store throws, and what `body` does.
    public func eachResult(of name: String, _ body: (Observation) throws -> Void) throws {
        try read { database in
            let rows = try ResultRow.byShard(database, of: number(of: name, database), after: nil)
            var reader = ResultReader(self, database)
            while let row = try rows.next() { try body(reader.result(row).observation) }
        }
    }
}
