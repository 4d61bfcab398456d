import Foundation
import MAEDomain
import MAEReport
import MAEVerify
import TestSupport
import Testing

@testable import MAEStore
@testable import VerifyTestSupport

@Suite("Long runs in the store")
struct LongRunTests {
    let folder: TemporaryDirectory
    let store: Store

    init() throws {
        folder = try TemporaryDirectory()
        store = try Store(directory: folder.path)
    }

    private var run: LongRun {
        LongRun(batches: 600, answer: { node, batch in node == "n2" && batch == 400 ? "wrong" : "right" })
    }

    /// The numbers of a run whose results are all held at once, set against those of its folded ones.
    private func expectSame(_ folded: RunResults, as run: LongRun) throws {
        let all = Verification(plan: run.plan, observations: try store.results(of: run.name).map(\.observation))
        let now = Verification(plan: run.plan, results: folded)
        #expect(now.verdict == all.verdict)
        #expect(now.findings.map(\.code) == all.findings.map(\.code))
        #expect(now.comparison.resultCount == all.comparison.cells.count)
        #expect(now.comparison.pairCount == all.comparison.pairs.count)
    }

    @Test("the results of a long run are read batch by batch, and what was stored later is added")
    func folding() throws {
        let run = self.run
        try run.record(in: store)
        let results = try store.runResults(of: run.name)
        #expect(results.counted?.batches == 600 - 251 && results.whole.count == 502)
        #expect(results.whole.contains { $0.batch.index == 400 })
        try expectSame(results, as: run)

        // A re-run of the batch that differs, and one of a batch that was only counted.
        var changes = Changes()
        changes.shards = [400, 500].enumerated().map {
            ShardRecord(shard: 600 + $0, method: run.plan.methods[0].label, batch: $1, placement: .node("n2"))
        }
        changes.results = [400, 500].enumerated().map { index, batch in
            var observation = run.observations(of: batch..<batch + 1)[0][1]
            observation.attempt = 1
            return ResultRecord(shard: 600 + index, observation: observation, received: .at(2))
        }
        try store.record(changes, run: run.name)
        let more = try store.runResults(of: run.name)
        #expect(more.whole.count { $0.attempt == 1 } == 2 && more.counted?.batches == 600 - 252)
        try expectSame(more, as: run)
        let fresh = try Store(directory: folder.path, access: .reading).runResults(of: run.name)
        #expect(fresh.counted == more.counted && fresh.whole.count == more.whole.count)
    }

    @Test("a batch that is asked for is there one by one")
    func requiring() throws {
        try run.record(in: store)
        for store in [store, try Store(directory: folder.path, access: .reading)] {
            let results = try store.runResults(of: run.name, requiring: [599, 1000])
            #expect(results.whole.filter { $0.batch.index == 599 }.map(\.node.name) == ["n1", "n2"])
            #expect(results.counted?.batches == 600 - 252)
        }
    }

    @Test("a judgement of a long run is read again as it was, and is small")
    func judgement() throws {
        try run.record(in: store)
        let verification = Verification(plan: run.plan, results: try store.runResults(of: run.name))
        let judgement = Judgement(verification, details: ReportDetails())
        try store.record(judgement, run: run.name, at: .at(3))
        let read = try Store(directory: folder.path, access: .reading).judgement(of: run.name)
        #expect(read.verification.comparison.counted == verification.comparison.counted)
        #expect(read.verification.comparison.counted?.paces.map(\.shards) == [600, 600])
        #expect(try JSONReport.render(read.verification) == JSONReport.render(verification))
        #expect(TerminalReport.render(read.verification) == TerminalReport.render(verification))
        #expect(try StoredJudgement(judgement).encoded.count < 400_000)
    }

    @Test("shards that are not numbered batch by batch give the same results")
    func otherOrder() throws {
        var run = run
        run.batches = 300
        try store.begin(run.plan, shards: [], at: .at(0))
        var changes = Changes()
        // Node by node, as no coordinator does.
        for (index, observation) in run.observations(of: 0..<300).map({ $0[0] }).enumerated() {
            changes.shards.append(ShardRecord(shard: index, method: "pretrained", batch: index))
            changes.results.append(ResultRecord(shard: index, observation: observation, received: .at(1)))
        }
        for (index, observation) in run.observations(of: 0..<300).map({ $0[1] }).enumerated() {
            changes.shards.append(ShardRecord(shard: 300 + index, method: "pretrained", batch: index))
            changes.results.append(ResultRecord(shard: 300 + index, observation: observation, received: .at(1)))
        }
        try store.record(changes, run: run.name)
        try expectSame(try store.runResults(of: run.name), as: run)
    }

    @Test("another tolerance judges what was only counted again")
    func tolerance() throws {
        var run = LongRun(batches: 600)
        // Off by 1e-3 in a class that is held to the tolerance.
        run.answer = { node, _ in node == "n2" ? "rounded" : "right" }
        run.identity = { name in
            name == "n1" ? Simulation.identity(name) : Simulation.identity(name, numericClass: "vulkan-x")
        }
        try run.record(in: store)
        let verification = Verification(plan: run.plan, results: try store.runResults(of: run.name))
        #expect(verification.verdict.outcome == .disagree)
        let loose = Tolerance(atol: 1, rtol: verification.comparison.plan.tolerance.rtol)
        let again = verification.judgedAgain(by: loose, try store.runResults(of: run.name, tolerance: loose))
        #expect(again.verdict.outcome == .agree, "\(again.verdict.sentence)")
        #expect(again.comparison.resultCount == 1200)
    }

    @Test("two long runs are set side by side by all of their results", arguments: [nil, 450])
    func sideBySide(changed: Int?) throws {
        let before = LongRun(name: "monday", batches: 600)
        var now = LongRun(name: "tuesday", batches: 700, nodes: ["n1", "n3"], seed: 12)
        now.answer = { _, batch in batch == changed ? "other" : "right" }
        for run in [before, now] {
            try run.record(in: store)
            let verification = Verification(plan: run.plan, results: try store.runResults(of: run.name))
            #expect(verification.verdict.outcome == .agree)
            try store.record(Judgement(verification, details: ReportDetails()), run: run.name, at: .at(3))
        }
        let other = try Store(directory: folder.path, access: .reading)
        let runs = try RunComparison(
            other.judgement(of: "monday").verification.comparison,
            store.judgement(of: "tuesday").verification.comparison
        ) { take in
            try store.eachSharedBatch(of: "tuesday", and: "monday", in: other) { take($0, $1) }
        }
        // Seeds 42 to 641 of the one, 12 to 711 of the other.
        #expect(runs.counts.all == 600)
        #expect(runs.outcome == (changed == nil ? .same : .different))
        #expect(runs.counts.differing == (changed == nil ? 0 : 1))
        #expect(runs.nodes.map(\.name) == ["n1"] && runs.nodes[0].common == 600)
        #expect(runs.entries.filter { !$0.pair.agrees }.map(\.batches.later) == (changed.map { [$0] } ?? []))
    }
}
