import MAEDomain
import MAETensor
import MAEText
import TestSupport
import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("Comparison")
struct ComparisonTests {
    @Test("the order in which results arrive changes nothing", arguments: ["a", "b", "c"])
    func permutation(seed: String) {
        let simulation = Simulation(nodes: ["n1", "n2", "n3", "n4"], batches: 2, noise: .sequential)
        let observations = simulation.observations { cell, work in
            if cell.node == "n3" { work.outputFault = "core" }
            if cell.method == "full" { work.weights = "stale" }
        }
        var random = Xorshift(seed)
        let one = Verification(plan: simulation.plan, observations: observations)
        let other = Verification(plan: simulation.plan, observations: observations.shuffled(using: &random))
        #expect(one.comparison.pairs == other.comparison.pairs)
        #expect(one.findings == other.findings)
        #expect(one.verdict == other.verdict)
        #expect(one.comparison.nodes.map(\.name) == ["n1", "n2", "n3", "n4"])
    }

    @Test("comparing is symmetric")
    func symmetry() throws {
        let simulation = Simulation(nodes: ["n1", "n2"])
        let cells = simulation.observations { cell, work in
            work.maskRatio = MaskRatio(cell.node == "n1" ? 0.75 : 0.5, from: .flag)
            work.outputFault = cell.method
        }
        for left in cells {
            for right in cells where left.cell != right.cell {
                var comparer = PairComparer(tolerance: Tolerance())
                let there = comparer.compare(left, right, at: (0, 1))
                let back = comparer.compare(right, left, at: (0, 1))
                #expect(there.relation == back.relation)
                #expect(there.differing == back.differing)
                #expect(there.metrics?.maximum == back.metrics?.maximum)
                #expect(there.metrics?.requiredAtol == back.metrics?.requiredAtol)
            }
        }
    }

    @Test("metrics say how many, how far and where")
    func metrics() throws {
        let left = Tensor(shape: [2, 3], elements: [1, 2, 3, 4, 5, 6])
        let right = Tensor(shape: [2, 3], elements: [1, 2, 3, 4, 5.5, 6.25])
        let metrics = try #require(DifferenceMetrics(of: .pooled, left, right, rtol: 0.1))
        #expect(metrics.differing == 2)
        #expect(metrics.maximum == 0.5)
        #expect(metrics.place == [1, 1])
        #expect(metrics.values?.left == 5)
        #expect(abs(metrics.rms - (0.3125 / 6).squareRoot()) < 1e-12)
        #expect(metrics.requiredAtol.map { abs($0) < 1e-7 } == true)
        #expect(metrics.passes(Tolerance(atol: 1e-6, rtol: 0.1)))
        #expect(DifferenceMetrics(of: .pooled, left, left.reshaped(to: [6]), rtol: 0) == nil)
    }

    @Test("no tolerance passes NaN or infinity, and -0 is 0 in value only")
    func specialValues() throws {
        let left = Tensor(shape: [3], elements: [.nan, -0.0, 1])
        let zero = Tensor(shape: [3], elements: [.nan, 0, 1])
        let infinite = Tensor(shape: [3], elements: [0, -0.0, .infinity])
        let signs = try #require(DifferenceMetrics(of: .pooled, left, zero, rtol: 0))
        #expect(signs.differing == 1 && signs.maximum == 0 && signs.passes(Tolerance(atol: 0, rtol: 0)))
        let broken = try #require(DifferenceMetrics(of: .pooled, left, infinite, rtol: 0))
        #expect(broken.requiredAtol == nil && broken.maximum == .infinity)
        #expect(!broken.passes(Tolerance(atol: 1e30, rtol: 1)))
    }

    @Test("the required atol is the edge between passing and failing")
    func requiredAtol() throws {
        let simulation = Simulation(nodes: ["n1", "n2"])
        var random = Xorshift("edge")
        for _ in 0..<100 {
            let values = (0..<16).map { _ in Float.random(in: -3...3, using: &random) }
            let others = values.map { $0 + Float.random(in: -1e-4...1e-4, using: &random) }
            let metrics = try #require(
                DifferenceMetrics(
                    of: .pooled, Tensor(shape: [16], elements: values), Tensor(shape: [16], elements: others),
                    rtol: simulation.tolerance.rtol))
            let edge = try #require(metrics.requiredAtol)
            #expect(metrics.passes(Tolerance(atol: Float(edge).nextUp, rtol: simulation.tolerance.rtol)))
            #expect(!metrics.passes(Tolerance(atol: Float(edge) * 0.999, rtol: simulation.tolerance.rtol)))
        }
    }

    @Test("full tensors are used where both sides sent them and kept the same patches")
    func fullTensors() throws {
        let simulation = Simulation(nodes: ["n1", "n2"], methods: [Simulation().methods[0]])
        var cells = simulation.observations { cell, work in if cell.node == "n2" { work.outputFault = "x" } }
        cells[0].layernorm = Tensor(shape: [1, 2, 2], elements: [1, 2, 3, 4])
        cells[1].layernorm = Tensor(shape: [1, 2, 2], elements: [1, 2, 7, 4])
        let pair = Verification(plan: simulation.plan, observations: cells).comparison.pairs[0]
        #expect(pair.metrics?.subject == .layernorm)
        #expect(pair.metrics?.place == [0, 1, 0])
        #expect(pair.relation == .differs(at: .layernorm))
    }

    @Test("inside one class one differing bit is a disagreement, however small")
    func bitwise() {
        let simulation = Simulation(nodes: ["n1", "n2"])
        var cells = simulation.observations()
        cells[0].digests.layernorm = .of("one bit")
        let result = Verification(plan: simulation.plan, observations: cells)
        #expect(result.verdict.outcome == .disagree)
    }

    @Test("batches are not compared with each other")
    func batches() {
        let comparison = Simulation(nodes: ["n1", "n2"], batches: 3).verify().comparison
        #expect(comparison.pairs.count == 3 * 15)
        #expect(comparison.pairs.allSatisfy { comparison.cells[$0.left].batch == comparison.cells[$0.right].batch })
    }

    @Test(
        "a hundred nodes are compared and judged, also when all of them differ",
        .enabled(if: !Sampling.isOn, "takes long without optimization"))
    func hundred() {
        let simulation = Simulation(nodes: (1...100).map { "n\($0)" })
        #expect(simulation.verify().verdict.outcome == .agree)
        let chaos = simulation.verify { cell, work in work.outputFault = "\(cell)" }
        #expect(chaos.comparison.pairs.count == 44850)
        #expect(chaos.verdict.outcome == .disagree)
        #expect(chaos.comparison.nodes[1].name == "n2")
    }

    @Test(
        "numbers are rounded to three digits",
        arguments: [
            (0, "0"), (0.75, "0.75"), (4.172e-7, "4.17e-7"), (1.07e6, "1.07e6"), (2e-5, "2e-5"), (0.00123, "0.00123"),
            (999.96, "1000"), (12345, "12345"), (-0.5, "-0.5"), (.infinity, "inf"), (9.999e-8, "1e-7"), (6.4, "6.4"),
            (100, "100"), (5e-324, "4.94e-324"),
        ] as [(Double, String)])
    func numbers(value: Double, text: String) {
        #expect(NumberText.short(value) == text)
    }

    @Test("names sort as people count")
    func names() {
        let sorted = ["n10", "n2", "n1", "m", "n2b", "n", "99999999999999999999", "3"].sorted(by: NaturalOrder.precedes)
        #expect(sorted == ["3", "99999999999999999999", "m", "n", "n1", "n2", "n2b", "n10"])
    }
}
