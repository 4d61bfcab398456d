import MAEDomain
import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("A baseline")
struct BaselineTests {
    private let simulation = Simulation(batches: 2)

    private func baseline(_ verification: Verification) throws -> Baseline {
        try Baseline(verification, startedAt: "2026-01-31T02:00:00Z")
    }

    private func finding(
        _ now: Verification, against baseline: Baseline, _ history: BaselineHistory? = nil
    ) throws -> Finding? {
        BaselineComparison(baseline, now.comparison).finding(file: "base.json", in: now.comparison.plan, history)
    }

    @Test("has what was given to each batch by each method, and the machines that gave it")
    func content() throws {
        let pinned = try baseline(simulation.verify())
        #expect(pinned.results.map(\.batch.index) == [0, 0, 0, 1, 1, 1])
        #expect(pinned.results.map(\.method).prefix(3) == ["pretrained", "full", "state-dict"])
        #expect(pinned.results.allSatisfy { Array($0.outputs.keys) == ["canonical-v1"] })
        #expect(pinned.machines.map(\.node) == ["n1", "n2"])
        #expect(try finding(simulation.verify(), against: pinned) == nil)
    }

    @Test("is not made of a run that disagrees, or lacks a result; but of one that only left an earlier baseline")
    func refused() throws {
        let divided = simulation.verify { cell, work in if cell.node == "n2" { work.outputFault = "bad" } }
        #expect(throws: BaselineError.self) { try baseline(divided) }
        var lacking = simulation
        lacking.lost = Set(["n1", "n2"].map { Cell(node: $0, method: "full", batch: 1) })
        let error = #expect(throws: BaselineError.self) { try baseline(lacking.verify()) }
        #expect(error?.description.contains("batch 1 by full") == true)

        var moved = simulation.verify { _, work in work.weights = "new" }
        moved.add(ofBaseline: try #require(try finding(moved, against: baseline(simulation.verify()))))
        #expect(moved.verdict.outcome == .disagree)
        let pinned = try baseline(moved)
        #expect(try finding(simulation.verify { _, work in work.weights = "new" }, against: pinned) == nil)
    }

    @Test(
        "the first thing on the way to the output that is another one is the cause",
        arguments: [
            ("weights", "the weights are others"), ("ratio", "the mask ratio is another one"),
            ("noise", "the noise is other"),
            ("output", "from the same weights, images and noise, something else was computed"),
        ])
    func causes(_ what: String, _ words: String) throws {
        let now = simulation.verify { _, work in
            switch what {
            case "weights": work.weights = "new"
            case "ratio": work.maskRatio.value = 0.5
            case "noise": work.noiseFault = "other"
            default: work.outputFault = "other"
            }
        }
        let told = try #require(try finding(now, against: baseline(simulation.verify())))
        #expect(told.sentence.hasPrefix("12 of 12 results to pinned batches have other bits"), "\(told.sentence)")
        #expect(told.sentence.hasSuffix(": \(words)."), "\(told.sentence)")
        #expect(told.remedy.contains("mae-coord baseline pin run-1 -o base.json"))
    }

    @Test(
        "a difference makes the verdict a disagreement that names it, and stays when the run is judged by another tolerance"
    )
    func verdict() throws {
        var now = simulation.verify { _, work in work.outputFault = "driver" }
        #expect(now.verdict.outcome == .agree)
        let history = BaselineHistory(lastHeld: "night-1", firstChanged: "night-2", runs: 3, changes: ["Mesa 24."])
        let told = try #require(try finding(now, against: baseline(simulation.verify()), history))
        let since = "Since run night-2, in 3 runs: night-1 was the last with the bits of the baseline."
        #expect(Array(told.evidence.suffix(2)) == [since + " What changed between night-1 and night-2:", "Mesa 24."])
        now.add(ofBaseline: told)
        #expect(now.verdict.outcome == .disagree)
        #expect(now.verdict.sentence.hasPrefix("Disagreement with the baseline. 12 of 12 results"))
        let again = now.judgedAgain(by: Tolerance(atol: 1, rtol: 1))
        #expect(again.verdict == now.verdict && again.findings == now.findings)
    }

    @Test("of another class nothing is checked, and that is a warning")
    func otherClass() throws {
        var now = simulation
        now.node = { Simulation.identity($0, numericClass: "vulkan-1") }
        let told = try #require(try finding(now.verify(), against: baseline(simulation.verify())))
        #expect(told.has(.baselineUnchecked) && told.severity == .warning)
        #expect(told.sentence.contains("it has the bits of class canonical-v1, and this run those of vulkan-1."))
    }

    @Test("fits a run of the same pinned batches, which may have more besides")
    func fit() throws {
        let pinned = try baseline(simulation.verify())
        var plan = simulation.plan
        plan.batches = 3
        plan.add(RotatingBatches(count: 4, seed: 9))
        plan.methods.append(LoadingMethod(kind: .full, label: "full-2", path: "other.pth"))
        #expect(pinned.obstacle(to: plan) == nil)
        plan.seed = 7
        #expect(pinned.obstacle(to: plan) == "seed 42 in the baseline, 7 in this run")
        var fewer = simulation.plan
        fewer.batches = 1
        fewer.methods.removeFirst()
        let obstacle = try #require(pinned.obstacle(to: fewer))
        #expect(obstacle == "2 pinned batches in the baseline, 1 in this run; no method pretrained in this run")
    }
}

@Suite("Batches of one run")
struct RotatingBatchesTests {
    @Test("come behind the pinned ones, with seeds of their own, the whole size, and noise that is drawn")
    func identity() {
        var plan = RunPlan(
            run: "r", seed: 5, batches: 2, batchSize: 4, noise: .file, methods: [], workers: 2,
            images: PlannedImages(path: "images", count: 6))
        plan.add(RotatingBatches(count: 2, seed: 100))
        plan.freshSeed = 77
        #expect(plan.batches == 4 && plan.pinnedBatches == 2)
        #expect(
            (0..<5).map { plan.batch($0) } == [
                BatchIdentity(index: 0, seed: 5, size: 4), BatchIdentity(index: 1, seed: 6, size: 2),
                BatchIdentity(index: 2, seed: 100, size: 4), BatchIdentity(index: 3, seed: 101, size: 4),
                BatchIdentity(index: 4, seed: 77, size: 1),
            ])
        #expect((0..<5).map { plan.isPinned($0) } == [true, true, false, false, false])
        #expect((0..<5).map { plan.noise(ofBatch: $0) } == [.file, .file, .shared, .shared, .shared])
        #expect(!plan.isPinned(-1))
        plan.add(RotatingBatches(count: 1, seed: 3))
        #expect(plan.batches == 3 && plan.pinnedBatches == 2)
    }
}
