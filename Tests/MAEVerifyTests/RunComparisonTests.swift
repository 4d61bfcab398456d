import MAEDomain
import MAEReport
import MAEVerify
import Testing
@testable import VerifyTestSupport

@Suite("Two runs side by side")
struct RunComparisonTests {
    private let before = Simulation(batches: 3)

    private func compare(_ earlier: Verification, _ later: Verification) -> RunComparison {
        RunComparison(earlier.comparison, later.comparison)
    }

    @Test("runs of the same work have the same bits, however many nodes and batches each has")
    func same() {
        var now = Simulation(batches: 5)
        now.nodes = ["n2", "n3", "n10"]
        let runs = compare(before.verify(), now.verify())
        #expect(runs.outcome == .same)
        #expect(runs.entries.count == 9 && runs.entries.allSatisfy { $0.pair.relation == .identical })
        #expect(runs.nodes.map(\.name) == ["n2"] && runs.nodes[0].common == 9 && runs.nodes[0].changed == 0)
        #expect(runs.onlyEarlier == ["n1"] && runs.onlyLater == ["n3", "n10"])
        #expect(RunComparisonText.render(runs).contains("SAME  9 results"))
    }

    @Test("a driver that changed on all nodes alike shows, though the nodes agree, and what changed is told")
    func together() throws {
        var now = before
        now.node = { name in
            var identity = Simulation.identity(name)
            identity.machine = MachineFacts([.init(.vulkanDriver, "Mesa 24")])
            return identity
        }
        var old = before
        old.node = { name in
            var identity = Simulation.identity(name)
            identity.machine = MachineFacts([.init(.vulkanDriver, "Mesa 23")])
            return identity
        }
        let later = now.verify { _, work in work.outputFault = "driver" }
        #expect(later.verdict.outcome == .agree)
        let runs = compare(old.verify(), later)
        #expect(runs.outcome == .different)
        #expect(runs.entries.allSatisfy { $0.pair.relation == .differs(at: .layernorm) })
        #expect(runs.nodes.allSatisfy { $0.changed == 9 })
        let text = RunComparisonText.render(runs)
        #expect(text.contains("Changed on n1 and n2: vulkan driver Mesa 23 before, Mesa 24 now."), "\(text)")
        #expect(text.contains("differs from layernorm on"), "\(text)")
    }

    @Test("what most nodes gave stands for a run, and that some disagreed is told")
    func divided() {
        var now = before
        now.nodes = ["n1", "n2", "n3"]
        let runs = compare(
            before.verify(), now.verify { cell, work in if cell.node == "n1" { work.outputFault = "bad" } })
        #expect(runs.entries.allSatisfy { $0.pair.relation == .identical && $0.isDivided == (false, true) })
        #expect(runs.nodes.map(\.changed) == [9, 0])
        #expect(RunComparisonText.render(runs).contains("nodes of the later run disagree"))
        #expect(runs.outcome == .nodesChanged)
        let text = RunComparisonText.render(runs)
        #expect(
            text.contains("NODES CHANGED  what most nodes gave agrees with run-1, but n1 (9 of 9) has other bits"),
            "\(text)")
    }

    @Test("weights that changed are named by tensor, and by the method that loaded them")
    func weights() {
        let runs = compare(
            before.verify(),
            before.verify { cell, work in
                guard cell.method == "full" else { return }
                work.weights = "other"
                work.changedTensors = [work.tensors[0]]
            })
        #expect(runs.outcome == .different)
        #expect(runs.entries.count { $0.pair.relation == .differs(at: .weights) } == 3)
        let text = RunComparisonText.render(runs)
        #expect(text.contains("Weights by `full`: 1 of "), "\(text)")
        #expect(!text.contains("Weights by `pretrained`"))
    }

    @Test("another numeric class agrees by the tolerance, and not beyond it")
    func classes() {
        var now = before
        now.node = { Simulation.identity($0, numericClass: "other-v1") }
        let later = now.verify { _, work in work.shift = 1e-6 }
        let runs = compare(before.verify(), later)
        #expect(runs.outcome == .withinTolerance)
        #expect(
            runs.nodes.allSatisfy { $0.changed == 9 && $0.broken == 0 }, "another class promises no bits of this one")
        let strict = RunComparison(
            before.verify().comparison, later.comparison, tolerance: Tolerance(atol: 0, rtol: 0))
        #expect(strict.outcome == .different)
    }

    @Test("what has no counterpart, since the methods draw their noise another way, is counted and said")
    func otherNoise() {
        var now = before
        now.noise = .sequential
        let runs = compare(before.verify(), now.verify())
        // The first method takes the first draw either way.
        #expect(runs.outcome == .same && runs.counts.all == 3 && runs.notCompared == 6)
        let text = RunComparisonText.render(runs)
        #expect(text.contains("Not compared: 6 results of"), "\(text)")
        #expect(text.contains("Mask noise: `shared` before, `sequential` now."), "\(text)")
    }

    @Test("runs without work in common say so")
    func nothing() {
        var now = before
        now.batchSize = 3
        let runs = compare(before.verify(), now.verify())
        #expect(runs.outcome == .nothingInCommon && runs.entries.isEmpty)
        #expect(RunComparisonText.render(runs).contains("NOTHING IN COMMON"))
    }

    @Test("results are judged again by another tolerance, which decides between classes alone")
    func again() {
        var run = before
        run.node = { Simulation.identity($0, numericClass: $0 == "n1" ? "canonical-v1" : "other-v1") }
        let first = run.verify { cell, work in if cell.node == "n2" { work.shift = 1e-6 } }
        #expect(first.verdict.outcome == .agree)
        let strict = first.judgedAgain(by: Tolerance(atol: 0, rtol: 0))
        #expect(strict.verdict.outcome == .disagree && strict.finding("class-gap") != nil)
        #expect(strict.comparison.plan.tolerance == Tolerance(atol: 0, rtol: 0))
        let back = strict.judgedAgain(by: first.comparison.plan.tolerance)
        #expect(back.verdict.outcome == .agree && back.findings == first.findings)
        let alike = before.verify().judgedAgain(by: Tolerance(atol: 0, rtol: 0))
        #expect(alike.verdict.outcome == .agree, "bits need no tolerance")
    }
}
