import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("What the cells of a matrix are set against")
struct MajorityTests {
    private func statuses(
        _ nodes: [String], methods: Int, _ faults: @escaping (Cell) -> String
    ) -> [Matrix.Status] {
        var simulation = Simulation(nodes: nodes)
        simulation.methods = Array(simulation.methods.prefix(methods))
        let matrix = Matrix(simulation.verify { cell, work in work.outputFault = faults(cell) }.comparison)
        return nodes.flatMap { node in
            simulation.methods.compactMap { matrix[node, $0.label, 0]?.status }
        }
    }

    @Test("one of one, of two and of three different outputs is nobody's majority: the others are only set against it")
    func none() {
        let differs = Matrix.Status.differs(at: .layernorm)
        #expect(statuses(["n1"], methods: 1) { _ in "" } == [.reference])
        #expect(statuses(["n1"], methods: 2) { $0.method } == [.reference, differs])
        #expect(statuses(["n1"], methods: 3) { $0.method } == [.reference, differs, differs])
        #expect(statuses(["n1", "n2"], methods: 1) { $0.node } == [.reference, differs])
    }

    @Test("two that agree against two others that do are no majority either")
    func halves() {
        let statuses = statuses(["n1", "n2"], methods: 2) { $0.method == "full" ? "x" : "" }
        #expect(statuses.filter { $0 == .reference }.count == 2 && !statuses.contains(.identical))
    }

    @Test("two of three are the majority, and all of two")
    func some() {
        let two = statuses(["n1"], methods: 3) { $0.method == "full" ? "x" : "" }
        #expect(two.filter { $0 == .identical }.count == 2)
        #expect(statuses(["n1", "n2"], methods: 1) { _ in "" } == [.identical, .identical])
    }
}
