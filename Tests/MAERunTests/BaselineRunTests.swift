import MAEDomain
import MAEReport
import MAERun
import MAEStore
import MAEVerify
import Testing

@Suite("Runs of real workers, set against a baseline", .serialized)
struct BaselineRunTests {
    /// The codes of findings that these runs come to.
    static let codes: [FindingCode] = [.baselineDiffers, .baselineUnchecked]

    private let site: RunSite

    init() throws { site = try RunSite() }

    private func plan(_ name: String) -> RunPlan {
        RunPlan(run: name, seed: 42, batches: 1, batchSize: 2, methods: RunSite.methods, workers: 2)
    }

    private func run(
        _ name: String, against baseline: PinnedBaseline? = nil, rotating: RotatingBatches? = nil,
        faults: [Fault] = []
    ) throws -> Judgement {
        var draft = plan(name)
        // So that the referee has a batch too, behind all others.
        if rotating != nil { draft.freshSeed = 99 }
        let planned = try PlannedRun(draft, rotating: rotating)
        return try site.carryOut(
            planned, baseline: baseline,
            runner: { FaultyRunner(try InProcessWorkers.engine(), node: $0, faults: faults) }
        ).result.judgement
    }

    private func pin(_ judgement: Judgement) throws -> PinnedBaseline {
        PinnedBaseline(try Baseline(judgement.verification, startedAt: judgement.details.startedAt), file: "base.json")
    }

    @Test("nodes that all changed together are told by the baseline, with whom, since when, and in every report")
    func differs() throws {
        let pinned = try pin(run("night-1"))
        let held = try run("night-2", against: pinned, rotating: RotatingBatches(count: 1, seed: 7))
        #expect(held.verification.verdict.outcome == .agree)
        #expect(
            held.details.baseline
                == BaselineSummary(file: "base.json", run: "night-1", held: 6, changed: 0, unchecked: 0))

        // One node alone, whom the other outvotes with the baseline's bits.
        let alone = try run("night-3", against: pinned, faults: [Fault.output { $0 + 0.5 }.on("b")])
        let told = try #require(alone.verification.findings.first { $0.has(.baselineDiffers) })
        #expect(told.evidence.contains("b gave other bits; a gave those of the baseline."), "\(told.evidence)")
        #expect(alone.verification.verdict.outcome == .disagree)

        let changed = [Fault.output { $0 + 0.5 }.on("a"), Fault.output { $0 + 0.5 }.on("b")]
        let judgement = try run("night-4", against: pinned, faults: changed)
        let finding = try #require(judgement.verification.findings.first { $0.has(.baselineDiffers) })
        #expect(finding.severity == .error && finding.cells.count == 6)
        #expect(finding.evidence.contains("Every node gave other bits: a and b."), "\(finding.evidence)")
        let since = "Since run night-3, in 2 runs: night-2 was the last with the bits of the baseline."
        #expect(finding.evidence.contains { $0.hasPrefix(since) }, "\(finding.evidence)")
        try RenderedFinding(verification: judgement.verification, details: judgement.details).expect(finding)
        #expect(try site.store.run("night-4").ending?.exitCode == 1)
        let stored = try site.store.judgement(of: "night-4")
        #expect(stored.verification.findings == judgement.verification.findings)
        #expect(stored.details.baseline == judgement.details.baseline)
    }

    @Test("a class that the baseline has nothing of is told, and no verdict is made of it")
    func unchecked() throws {
        let pinned = try pin(run("night-1"))
        let other = Fault(introduces: { $0.numericClass = "other" })
        let judgement = try run("night-2", against: pinned, faults: [other.on("a"), other.on("b")])
        let finding = try #require(judgement.verification.findings.first { $0.has(.baselineUnchecked) })
        #expect(finding.severity == .warning && finding.sentence.contains("this run those of other"))
        try RenderedFinding(verification: judgement.verification, details: judgement.details).expect(finding)
        #expect(judgement.verification.verdict.outcome == .agree)
    }

    @Test("a baseline of other batches is refused before anything begins")
    func misfit() throws {
        let pinned = try pin(run("night-1"))
        var other = plan("night-2")
        other.seed = 43
        #expect(throws: BaselineError.self) { try site.carryOut(PlannedRun(other), baseline: pinned) }
        #expect(throws: StoreError.self) { try site.store.run("night-2") }
    }

    @Test("fresh batches are computed by every node, stay with a run that is carried on, and are never pinned")
    func rotating() throws {
        let judgement = try run("night", rotating: RotatingBatches(count: 2, seed: 1000))
        let cells = judgement.verification.comparison.cells
        #expect(cells.count == 18 && judgement.verification.verdict.outcome == .agree)
        #expect(
            Set(cells.map(\.batch)) == [
                BatchIdentity(index: 0, seed: 42, size: 2), BatchIdentity(index: 1, seed: 1000, size: 2),
                BatchIdentity(index: 2, seed: 1001, size: 2),
            ])
        // The batch that is drawn for the run alone comes behind them.
        #expect(judgement.verification.comparison.referee.checks.contains { $0.cell.batch == 3 })
        let record = try site.store.run("night")
        #expect(record.plan.rotating == RotatingBatches(count: 2, seed: 1000) && record.plan.pinnedBatches == 1)
        let again = try site.carryOut(PlannedRun(resuming: record)).result.judgement
        #expect(again.verification.comparison.plan == record.plan)
        #expect(try Baseline(judgement.verification, startedAt: nil).results.map(\.batch.index) == [0, 0, 0])
    }
}
