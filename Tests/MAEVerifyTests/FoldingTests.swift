import MAEDomain
import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("Batches of long runs that are only counted")
struct FoldingTests {
    /// Numbers of what results share, as a store numbers them.
    private struct Contexts {
        private var known: [Observation] = []

        mutating func number(_ observation: Observation) -> Int64 {
            var shared = observation
            (shared.batch, shared.digests) = (BatchIdentity(index: 0, seed: 0, size: 0), Self.none)
            (shared.pooled, shared.layers, shared.seconds) = (Self.blank, nil, StageSeconds())
            if let index = known.firstIndex(of: shared) { return Int64(index) }
            known.append(shared)
            return Int64(known.count - 1)
        }

        private static let blank = Simulation().observations()[0].pooled
        private static let none = Simulation().observations()[0].digests
    }

    private func fold(
        _ plan: RunPlan, _ observations: [Observation], _ limits: FoldingLimits, requiring required: Set<Int> = []
    ) -> BatchFolding {
        var folding = BatchFolding(plan, requiring: required, limits: limits)
        var contexts = Contexts()
        var rest = observations[...]
        while let batch = rest.first?.batch.index {
            let results = Array(rest.prefix { $0.batch.index == batch })
            rest = rest.dropFirst(results.count)
            folding.add(results, contexts: results.map { contexts.number($0) })
        }
        return folding
    }

    private var small: FoldingLimits {
        var limits = FoldingLimits()
        (limits.agreeing, limits.disagreeing, limits.unlike) = (24, 24, 24)
        // Room for each batch whose results lie further apart.
        limits.further = 100
        return limits
    }

    /// The same run, judged result by result and folded.
    private func judge(
        _ simulation: Simulation, _ change: (Cell, inout SimulatedWork) -> Void = { _, _ in }
    ) -> (all: Verification, folded: Verification) {
        let observations = simulation.observations(change)
        let results = fold(simulation.plan, observations, small).results
        return (
            Verification(plan: simulation.plan, observations: observations),
            Verification(plan: simulation.plan, results: results)
        )
    }

    @Test("a run that fits is judged result by result, and nothing is counted")
    func short() {
        let simulation = Simulation(batches: 4)
        let results = fold(simulation.plan, simulation.observations(), small).results
        #expect(results.whole.count == 24 && results.counted == nil)
    }

    @Test("a long run that agrees has the verdict, the pairs and the results of all its batches")
    func agrees() throws {
        let (all, folded) = judge(Simulation(batches: 60))
        #expect(folded.verdict == all.verdict && folded.verdict.outcome == .agree)
        #expect(folded.findings == all.findings)
        let counted = try #require(folded.comparison.counted)
        #expect(counted.batches == 56 && counted.disagreeing == 0 && folded.comparison.cells.count == 24)
        #expect(folded.comparison.pairCount == all.comparison.pairs.count)
        #expect(folded.comparison.pairCounts == all.comparison.pairCounts)
        #expect(folded.comparison.resultCount == 360)
        let worst = try #require(Matrix(folded.comparison).worst("n1", "full"))
        #expect(worst.count == 60 && worst.of == 60 && worst.entry.status == .identical)
    }

    @Test("one batch that differs among many is found, kept whole and named", arguments: [2, 30, 59])
    func oneDiffers(batch: Int) throws {
        let odd = Cell(node: "n3", method: "full", batch: batch)
        let (all, folded) = judge(Simulation(nodes: ["n1", "n2", "n3"], batches: 60)) { cell, work in
            if cell == odd { work.outputFault = "x" }
        }
        #expect(folded.verdict.outcome == .disagree && folded.verdict.extent == all.verdict.extent)
        #expect(folded.codes == all.codes)
        #expect(folded.finding("intermittent")?.cells == [odd])
        #expect(folded.finding("intermittent")?.replay == odd)
        #expect(FollowUp.questions(1, folded.comparison.cells) == FollowUp.questions(1, all.comparison.cells))
    }

    @Test("a node that is wrong in every batch is named, and all disagreeing pairs are counted")
    func everyBatch() throws {
        let (all, folded) = judge(Simulation(nodes: ["n1", "n2", "n3"], batches: 60)) { cell, work in
            if cell.node == "n2" { work.outputFault = "x" }
        }
        #expect(folded.verdict == all.verdict && folded.codes == all.codes)
        let counted = try #require(folded.comparison.counted)
        #expect(counted.disagreeing == counted.batches && counted.batches > 50)
        #expect(folded.comparison.pairCounts == all.comparison.pairCounts)
        #expect(counted.shares.filter { $0.differing > 0 }.map(\.node) == ["n2", "n2", "n2"])
        let worst = try #require(Matrix(folded.comparison).worst("n2", "full"))
        #expect(worst.count == 60 && worst.of == 60)
    }

    @Test("a fault of another kind is kept whole when the room for disagreements is taken")
    func another() {
        let (all, folded) = judge(Simulation(nodes: ["n1", "n2", "n3"], batches: 60)) { cell, work in
            if cell.node == "n2" { work.outputFault = "x" }
            if cell == Cell(node: "n3", method: "full", batch: 50) { work.outputFault = "y" }
        }
        #expect(folded.comparison.batches.contains(50))
        #expect(folded.codes == all.codes && folded.verdict.extent == all.verdict.extent)
    }

    @Test("a node that joins late has a batch that is judged whole")
    func late() {
        var simulation = Simulation(nodes: ["n1", "n2", "n3"], batches: 60)
        simulation.lost = Set(simulation.places.filter { $0.node == "n3" && $0.batch < 40 })
        let results = fold(simulation.plan, simulation.observations(), small).results
        let folded = Verification(plan: simulation.plan, results: results)
        #expect(folded.comparison.nodes.map(\.name) == ["n1", "n2", "n3"])
        #expect(folded.comparison.resultCount == 120 * 3 + 20 * 3)
    }

    @Test("weights that change on all nodes together are kept whole too")
    func together() {
        let (all, folded) = judge(Simulation(batches: 60)) { cell, work in
            if cell.batch >= 40 { work.weights = "other" }
        }
        #expect(folded.comparison.batches.contains(40) && folded.verdict == all.verdict)
    }

    @Test("figures of a witness are those of all its results")
    func witness() throws {
        var simulation = Simulation(nodes: ["n1", "n2", "torch"], batches: 60)
        simulation.node = { name in
            name == "torch"
                ? Simulation.identity(name, backend: "pytorch", numericClass: WitnessTests.numericClass)
                : Simulation.identity(name)
        }
        let (all, folded) = judge(simulation) { cell, work in
            if cell.node == "torch" { (work.shift, work.rounding) = (1e-6, "\(cell.batch)") }
        }
        let (one, other) = (
            try #require(all.comparison.witnesses.first), try #require(folded.comparison.witnesses.first)
        )
        #expect(other.methods.map(\.results) == [60, 60, 60] && folded.comparison.counted != nil)
        #expect(other.maximum == one.maximum && other.agrees)
        #expect(folded.comparison.pairCounts == all.comparison.pairCounts)
        #expect(abs(try #require(other.rms) - (try #require(one.rms))) < 1e-12)
        #expect(folded.verdict == all.verdict)
    }

    @Test("nodes that share batches out are tied by those that are only counted")
    func replicas() {
        var simulation = Simulation(nodes: ["n1", "n2", "n3", "n4"], batches: 60)
        // n1 and n4 meet in a batch that is counted, and n2 and n4 never.
        simulation.blocks = (0..<60).map { batch in
            batch == 50 ? ["n1", "n4"] : [["n1", "n2"], ["n2", "n3"], ["n3", "n4"], ["n1", "n3"]][batch % 4]
        }
        let (all, folded) = judge(simulation)
        #expect(!folded.comparison.batches.contains(50))
        #expect(folded.finding("pairs-not-met") == all.finding("pairs-not-met"))
        #expect(all.finding("pairs-not-met") != nil)
    }

    @Test("a batch that is asked for is taken out of the counts, and one that comes again is noticed")
    func again() throws {
        let simulation = Simulation(batches: 60)
        let observations = simulation.observations()
        var folding = fold(simulation.plan, observations, small)
        let batch = observations.filter { $0.batch.index == 45 }
        var contexts = Contexts()
        let numbers = observations.map { contexts.number($0) }
        folding.add([batch[0]], contexts: [numbers[0]])
        #expect(folding.torn == [45])
        folding.makeWhole(batch, contexts: Array(numbers.prefix(batch.count)))
        let results = folding.results
        #expect(results.whole.filter { $0.batch.index == 45 }.count == 6)
        #expect(results.counted?.batches == 55 && results.counted?.results == 330)
        let asked = fold(simulation.plan, observations, small, requiring: [45]).results
        #expect(asked.whole.count == 30 && asked.counted == results.counted)
    }

    @Test("of many missing results some of each node and kind are named, and all are counted")
    func missing() throws {
        var simulation = Simulation(nodes: ["n1", "n2", "n3"], batches: 1000)
        simulation.lost = Set(simulation.places.filter { $0.node == "n3" || $0.node == "n2" && $0.batch == 999 })
        let verification = Verification(
            plan: simulation.plan, observations: simulation.observations().filter { $0.batch.index < 10 },
            failures: simulation.lost.sorted().map {
                ShardFailure(node: $0.node, method: $0.method, batch: $0.batch, code: "node-lost", message: "gone")
            })
        #expect(verification.comparison.failures.count <= FoldingLimits.mostMissing)
        #expect(verification.comparison.failures.filter { $0.node == "n2" }.count == 3)
        #expect(
            verification.verdict.sentence.hasPrefix("3003 results and 1 node are missing."), "\(verification.verdict)")
        let worst = try #require(Matrix(verification.comparison).worst("n3", "full"))
        #expect(worst.count == 1000 && worst.of == 1000)
        #expect(verification.comparison.paces == verification.comparison.paces.filter { $0.node != "n3" })
    }
}
