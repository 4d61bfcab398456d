import MAEDomain
import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("Disputes that double precision decides")
struct Float64Tests {
    private let simulation = Simulation(nodes: ["n1", "n2"], methods: [Simulation().methods[0]])

    /// Judges results, answering with the values of `node` off by `error`.
    private func verify(
        _ simulation: Simulation, right node: String, error: Double,
        _ change: (Cell, inout SimulatedWork) -> Void
    ) throws -> (blind: Verification, decided: Verification) {
        let observations = simulation.observations(change)
        let blind = Verification(plan: simulation.plan, observations: observations)
        let right = try #require(observations.first { $0.node.name == node })
        let answers = Float64Question.all(in: blind.comparison).map { question in
            Float64Answer(
                question,
                pooled: right.pooled.rows(question.image..<question.image + 1).elements.map { Double($0) + error })
        }
        #expect(answers.count == 1)
        var referee = RefereeAnswers()
        referee.float64 = answers
        return (blind, Verification(plan: simulation.plan, observations: observations, referee: referee))
    }

    @Test("of two nodes that differ the one that is off is named", arguments: ["n1", "n2"])
    func tie(wrong: String) throws {
        let (blind, decided) = try verify(simulation, right: wrong == "n1" ? "n2" : "n1", error: 1e-7) { cell, work in
            if cell.node == wrong { (work.outputFault, work.shift) = ("core", 1e-2) }
        }
        #expect(blind.findings[0].evidence.contains { $0.hasPrefix("No majority") })
        let finding = try #require(decided.findings.first { $0.has(.nodeOutlier) })
        #expect(finding.sentence.hasPrefix("Node \(wrong) computes other bits than every other node"))
        #expect(finding.cells.map(\.node) == [wrong] && finding.replay?.node == wrong)
        let told = try #require(finding.evidence.first { $0.hasPrefix("Against float64, n1 is off by at most ") })
        #expect(told.contains(wrong == "n1" ? ": the former is wrong." : ": the latter is wrong."), "\(told)")
        #expect(!finding.evidence.contains { $0.hasPrefix("No majority") })
    }

    @Test("two sides that are off alike stay a tie")
    func undecided() throws {
        let (_, decided) = try verify(simulation, right: "n1", error: 1e-2) { cell, work in
            if cell.node == "n2" { (work.outputFault, work.shift) = ("core", 1e-3) }
        }
        let evidence = decided.findings[0].evidence
        #expect(evidence.contains { $0.contains(": neither is clearly closer.") }, "\(evidence)")
        #expect(evidence.contains { $0.hasPrefix("No majority") })
    }

    @Test("a class that is off is named")
    func classGap() throws {
        var simulation = simulation
        simulation.node = { Simulation.identity($0, numericClass: $0 == "n2" ? "vulkan-x" : "canonical-v1") }
        let (_, decided) = try verify(simulation, right: "n1", error: 1e-7) { cell, work in
            if cell.node == "n2" { work.shift = 1e-2 }
        }
        let finding = try #require(decided.findings.first { $0.has(.classGap) })
        #expect(finding.sentence.hasSuffix("Set against float64, vulkan-x is wrong."))
        #expect(finding.evidence[0].hasPrefix("Against float64, canonical-v1 is off by at most "))
    }

    @Test("nothing is asked where a majority decides, or nothing differs")
    func notAsked() {
        var three = simulation
        three.nodes = ["n1", "n2", "n3"]
        let outvoted = three.verify { cell, work in if cell.node == "n3" { work.outputFault = "core" } }
        #expect(Float64Question.all(in: outvoted.comparison).isEmpty)
        #expect(Float64Question.all(in: simulation.verify().comparison).isEmpty)
    }

    @Test("values that are not finite are wrong")
    func notFinite() {
        func side(_ node: String, _ rms: Double) -> Float64Check.Side {
            Float64Check.Side(
                cell: Cell(node: node, method: "full", batch: 0), name: node, maximum: rms, rms: rms)
        }
        #expect(Float64Check(image: 0, left: side("a", 1e-7), right: side("b", .infinity)).wrong?.name == "b")
        #expect(Float64Check(image: 0, left: side("a", .infinity), right: side("b", .infinity)).wrong == nil)
        #expect(Float64Check(image: 0, left: side("a", 1e-7), right: side("b", 9e-7)).wrong == nil)
    }
}
