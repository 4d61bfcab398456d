import MAEDomain
import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("A cell computed again on one machine")
struct ReplayTests {
    private let simulation = Simulation(nodes: ["n1", "n2", "n3"], batches: 2)
    private let cell = Cell(node: "n3", method: "full", batch: 1)

    /// Sets what an honest machine computes against the results of a run.
    private func replay(
        _ simulation: Simulation? = nil, against node: String? = nil, machine: NodeIdentity? = nil,
        _ change: (Cell, inout SimulatedWork) -> Void
    ) throws -> ReplayReport {
        let simulation = simulation ?? self.simulation
        let replayed = try #require(ReplayedCell(cell, against: node, in: simulation.observations(change)))
        var work = SimulatedWork()
        work.seed += UInt64(cell.batch)
        var honest = simulation.observation(cell, work)
        honest.node = machine ?? Simulation.identity("this machine")
        return ReplayReport(replayed, honest, plan: simulation.plan)
    }

    @Test("tells where the cell parts from this machine, and that the other side does not")
    func parts() throws {
        let report = try replay { cell, work in
            work.faultyLayer = 2
            if cell.node == "n3" { work.outputFault = "core" }
        }
        #expect(!report.agrees && report.sides.map(\.observation.node.name) == ["n3", "n1"])
        #expect(report.sides[1].agrees && report.firstDifference(1) == nil)
        #expect(report.firstDifference(0) == "vit.encoder.layer.1")
        #expect(
            report.steps.map(\.name) == [
                "weights", "input", "noise", "mask", "vit.embeddings", "vit.encoder.layer.0", "vit.encoder.layer.1",
                "vit.encoder.layer.2", "layernorm", "pooled",
            ])
    }

    @Test("a cell that this machine agrees with is not shown again, whatever its partner did")
    func agrees() throws {
        let report = try replay(against: "n2") { cell, work in if cell.node == "n2" { work.outputFault = "core" } }
        #expect(report.agrees && !report.sides[1].agrees)
    }

    @Test("bits that rounding hid before the output are a difference")
    func hidden() throws {
        let report = try replay { cell, work in if cell.node == "n3" { work.hiddenIn = 2 } }
        #expect(!report.agrees && report.sides[0].relation == .identical)
        #expect(report.firstDifference(0) == "vit.encoder.layer.1")
    }

    @Test("a machine of another class is held to the tolerance")
    func otherClass() throws {
        let other = Simulation.identity("this machine", numericClass: "canonical-v2")
        let near = try replay(machine: other) { _, _ in }
        #expect(near.agrees)
        let far = try replay(machine: other) { cell, work in
            if cell.node == "n3" { (work.outputFault, work.shift) = ("core", 0.5) }
        }
        #expect(!far.agrees && far.sides[1].agrees)
    }

    @Test("a node without a result has nothing to be set against")
    func unknown() {
        let observations = simulation.observations()
        #expect(ReplayedCell(cell, against: "n4", in: observations) == nil)
        #expect(ReplayedCell(cell, against: "n3", in: observations) == nil)
        #expect(ReplayedCell(Cell(node: "n3", method: "full", batch: 2), in: observations) == nil)
    }

    @Test("names of cells may have slashes in their parts")
    func names() {
        let cells = [
            Cell(node: "rack/1", method: "full", batch: 0), Cell(node: "rack", method: "full", batch: 10),
        ]
        for cell in cells { #expect(Cell.named(cell.name, among: cells) == cell) }
        #expect(Cell.named("rack/full/1", among: cells) == nil)
    }

    @Test("a finding names the cell that shows it, and a note names none")
    func findings() throws {
        let result = simulation.verify { cell, work in
            if cell.node == "n3" { work.outputFault = "core" }
            work.loadFindings = [LoadFinding(code: "prefix-removed", severity: .note, text: "removed")]
        }
        let finding = try #require(result.findings.first { $0.has(.nodeOutlier) })
        #expect(finding.replay == Cell(node: "n3", method: "pretrained", batch: 0))
        #expect(result.findings.filter { $0.severity == .note }.allSatisfy { $0.replay == nil })
        #expect(simulation.verify().findings.allSatisfy { $0.replay == nil })
    }
}
