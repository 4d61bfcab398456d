import MAEDomain
import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("Who is asked to look closely")
struct FollowUpTests {
    private func suspects(
        _ simulation: Simulation, _ change: (Cell, inout SimulatedWork) -> Void
    ) -> [Suspect] { FollowUp.suspects(in: simulation.observations(change)) }

    @Test("each odd node once, with a cell of the same method on the other side")
    func oddNodes() {
        let suspects = suspects(Simulation(nodes: ["n1", "n2", "n3", "n4", "n5", "n6"], batches: 2)) { cell, work in
            work.faultyLayer = 2
            // Two that fail alike, and one in a way of its own.
            if ["n1", "n4"].contains(cell.node) { work.outputFault = "alike" }
            if cell.node == "n5" { work.outputFault = "alone" }
        }
        #expect(suspects.map(\.cell.node).sorted() == ["n1", "n4", "n5"])
        #expect(suspects.allSatisfy { ["n2", "n3", "n6"].contains($0.reference.node) })
        #expect(suspects.allSatisfy { $0.cell.method == $0.reference.method && $0.layer == .block(1) })
    }

    @Test("the choice is the same whenever it is made, where each method has weights of its own")
    func order() {
        var simulation = Simulation(nodes: ["a", "b", "c"])
        simulation.methods = (0..<6).map { LoadingMethod(kind: .stateDict, label: "m\($0)", path: "m\($0)") }
        func choice() -> [Suspect] {
            suspects(simulation) { cell, work in
                work.weights = cell.method
                if cell.node == "b" { work.outputFault = "broken" }
            }
        }
        let first = choice()
        #expect(first.map(\.cell) == [Cell(node: "b", method: "m0", batch: 0)])
        for _ in 0..<20 { #expect(choice() == first) }
    }

    @Test("a node that sends no digests after layers is compared by its outputs, and takes no majority away")
    func withoutDigests() {
        let simulation = Simulation(nodes: ["a", "old", "z"])
        func observations(_ isFaulty: Bool) -> [Observation] {
            simulation.observations { cell, work in
                if isFaulty, cell.node == "z" { work.outputFault = "broken" }
            }.map { observation in
                var observation = observation
                if observation.node.name == "old" { observation.layers = nil }
                return observation
            }
        }
        #expect(FollowUp.suspects(in: observations(false)).isEmpty)
        #expect(FollowUp.suspects(in: observations(true)).map(\.cell.node) == ["z"])
        let findings = Verification(plan: simulation.plan, observations: observations(true)).findings
        let errors = findings.filter { $0.severity == .error }
        #expect(errors.count == 1 && Set(errors[0].cells.map(\.node)) == ["z"])
        #expect(!errors[0].evidence.contains { $0.hasPrefix("No majority") })
    }

    @Test("where two nodes share each batch, the one at odds with most is suspected, whatever its name")
    func shared() {
        for culprit in ["0x", "zz"] {
            var simulation = Simulation(nodes: ["a", "b", "c", culprit], batches: 3)
            simulation.blocks = [["a", culprit], ["b", culprit], ["c", culprit]]
            let suspects = suspects(simulation) { cell, work in
                if cell.node == culprit { work.outputFault = "broken" }
            }
            #expect(suspects.map(\.cell.node) == [culprit])
        }
    }

    @Test("where sides are of one size and nothing else decides, only what is true of both is told")
    func tie() throws {
        let attribution = Attribution(
            suspected: Cell(node: "b", method: "m", batch: 0), reference: Cell(node: "a", method: "m", batch: 0),
            layer: .block(1),
            operation: .init(position: 2, count: 7, words: "linear", rows: 5, columns: 4), elements: nil,
            adding: [.block(2)], inheriting: [.block(3)],
            repetitions: .init(runs: 5, wrong: 5, processors: []), hint: .weight)
        let undecided = attribution.undecided
        #expect(undecided.evidence.count == 1)
        #expect(attribution.evidence.count > 3)
    }
}
