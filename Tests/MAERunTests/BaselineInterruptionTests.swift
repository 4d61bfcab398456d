import Glibc
import MAEDomain
import MAEStore
import MAEVerify
import TestSupport
import Testing
import ZeroMQ

@testable import MAERun
@testable import VerifyTestSupport

@Suite("A baseline that a long run is set against", .serialized)
struct BaselineInterruptionTests {
    private let folder: TemporaryDirectory
    private let store: Store
    private let run: LongRun
    private let judge: BaselineJudge

    /// A run whose last batch is other than in the baseline.
    init() throws {
        folder = try TemporaryDirectory()
        store = try Store(directory: folder.path)
        var run = LongRun(batches: 3000)
        try run.record(in: store)
        let baseline = try Baseline(
            Verification(plan: run.plan, results: try store.runResults(of: run.name)), startedAt: nil
        ) { [store, run] take in try store.eachResult(of: run.name) { take($0) } }
        run.name = "other"
        run.answer = { _, batch in batch == 2999 ? "other" : "right" }
        try run.record(in: store)
        self.run = run
        judge = BaselineJudge(pinned: PinnedBaseline(baseline, file: "base.json"), store: store)
    }

    private func comparison() throws -> Comparison {
        Verification(plan: run.plan, results: try store.runResults(of: run.name)).comparison
    }

    @Test("a signal meanwhile ends the run without a verdict, never with one that leaves the baseline out")
    func signal() throws {
        // The signal is this thread's own, so that no other one has to block it.
        let signals = try SignalWatch([SIGUSR1])
        defer {
            // Where both steps were too fast for it, the signal still waits, and would end the process.
            while signals.take() != nil {}
            signals.release()
        }
        let comparison = try comparison()
        raise(SIGUSR1)
        do {
            // On a machine that reads thousands of results at once, the signal comes too late.
            #expect(try judge.judge(comparison, InterruptibleSteps(signals: signals, tell: { _ in })).finding != nil)
        } catch let interruption as Interruption {
            #expect(interruption.description.contains("--resume other"))
        }
    }

    @Test("a store that cannot be read is an error, and no baseline that holds")
    func unreadable() throws {
        let signals = try SignalWatch([SIGUSR1])
        defer { signals.release() }
        let comparison = try comparison()
        let steps = InterruptibleSteps(signals: signals, tell: { _ in })
        #expect(
            try judge.judge(comparison, steps).summary
                == BaselineSummary(
                    file: "base.json", run: "long", held: 5998, changed: 2, unchecked: 0))
        let empty = try Store(directory: folder.file("empty"))
        let blind = BaselineJudge(pinned: judge.pinned, store: empty)
        #expect(throws: StoreError.self) { try blind.judge(comparison, steps) }
    }
}
