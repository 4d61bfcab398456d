import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("Who is at fault")
struct AttributionTests {
    let simulation = Simulation(nodes: ["n1", "n2", "n3", "n10"], batches: 3)

    @Test("one node with every loading method: the node, with the first differing layer")
    func node() {
        let result = simulation.verify { cell, work in
            work.faultyLayer = 2
            if cell.node == "n3" { work.outputFault = "broken core" }
        }
        #expect(result.causes == ["node-outlier"])
        let finding = result.findings[0]
        #expect(finding.sentence.contains("with all 3 loading methods: the node is at fault, not a file."))
        #expect(finding.evidence.contains("It is the only node with host host-n3."))
        #expect(
            finding.evidence.contains(
                "The first differing layer is `vit.encoder.layer.1`; the 2 before it agree bit for bit.")
        )
        #expect(finding.cells.count == 9)
    }

    @Test("all nodes of one instruction set: the backend")
    func platform() {
        var simulation = simulation
        simulation.node = { Simulation.identity($0, isa: ["n2", "n10"].contains($0) ? "neon" : "avx2") }
        simulation.nodes.append("n11")
        let result = simulation.verify { cell, work in
            if ["n2", "n10"].contains(cell.node) { work.outputFault = "contraction" }
        }
        #expect(result.causes == ["platform-outlier"])
        #expect(result.findings[0].sentence.hasPrefix("Every node with instruction set neon (n2 and n10)"))
    }

    @Test("two broken nodes that share nothing are two findings")
    func twoNodes() {
        var simulation = simulation
        simulation.nodes.append("n11")
        let result = simulation.verify { cell, work in
            if ["n2", "n10"].contains(cell.node) { work.outputFault = cell.node }
        }
        #expect(result.causes == ["node-outlier", "node-outlier"])
    }

    @Test("one loading method on every node: the loader")
    func loader() {
        let result = simulation.verify { cell, work in if cell.method == "full" { work.outputFault = "loader" } }
        #expect(result.causes == ["loader-outlier"])
        #expect(result.findings[0].sentence.hasPrefix("`full` on every node computes other bits"))
    }

    @Test("one batch on one node: silent corruption is suspected and a re-run asked for")
    func batch() {
        let result = simulation.verify { cell, work in
            if cell.node == "n2", cell.batch == 1 { work.outputFault = "flip" }
        }
        #expect(result.causes == ["intermittent"])
        #expect(
            result.findings[0].sentence.contains("node n2 with every loading method in batch 1 gave other bits once"))
        #expect(result.findings[0].remedy.contains("ten times"))
    }

    @Test("one cell of one batch: silent corruption is suspected there")
    func cell() {
        let result = simulation.verify { cell, work in
            if cell == Cell(node: "n10", method: "full", batch: 2) { work.outputFault = "flip" }
        }
        #expect(result.causes == ["intermittent"])
        #expect(result.findings[0].cells == [Cell(node: "n10", method: "full", batch: 2)])
    }

    @Test("two nodes cannot outvote each other, and the finding says so")
    func tie() {
        let result = Simulation(nodes: ["n1", "n2"]).verify { cell, work in
            if cell.node == "n2" { work.outputFault = "flip" }
        }
        #expect(result.causes == ["node-outlier"])
        #expect(result.findings[0].evidence.contains { $0.hasPrefix("No majority: the fault may as well lie") })
    }

    @Test("where two nodes run each batch, who is at odds with everybody he meets is at fault")
    func sharedOut() {
        var simulation = Simulation(nodes: ["n1", "n2", "n3"], batches: 6)
        simulation.blocks = [["n1", "n2"], ["n1", "n3"], ["n2", "n3"]]
        let result = simulation.verify { cell, work in
            if cell.node == "n1" { work.outputFault = "flip" }
        }
        #expect(result.causes == ["node-outlier"])
        #expect(Set(result.findings[0].cells.map(\.node)) == ["n1"])
        #expect(result.findings[0].cells.count == 12, "in all of its batches by every method")
        #expect(!result.findings[0].evidence.contains { $0.hasPrefix("No majority") })
        let matrix = Matrix(result.comparison)
        #expect(matrix["n2", "full", 0]?.status == .identical)
        #expect(matrix["n1", "full", 0]?.status == .differs(at: .layernorm))
    }

    @Test("a loading method at odds with the others is found where batches are shared out too")
    func loaderSharedOut() {
        var simulation = Simulation(nodes: ["n1", "n2", "n3"], batches: 3)
        simulation.blocks = [["n1", "n2"], ["n1", "n3"], ["n2", "n3"]]
        let result = simulation.verify { cell, work in
            if cell.method == "full" { work.outputFault = "loader" }
        }
        #expect(result.causes == ["loader-outlier"])
    }

    @Test("nodes that share no batch are said to be compared through others, or not at all")
    func untied() {
        var simulation = Simulation(nodes: ["n1", "n2", "n3", "n4"], batches: 3)
        simulation.blocks = [["n1", "n2"], ["n2", "n3"], ["n3", "n4"]]
        let chain = simulation.verify()
        #expect(chain.verdict.outcome == .agree)
        #expect(chain.findings.map(\.code) == ["pairs-not-met"])
        #expect(chain.findings.first?.sentence.hasPrefix("3 of 6 pairs of nodes share no batch") == true)
        simulation.batches = 2
        simulation.blocks = [["n1", "n2"], ["n3", "n4"]]
        let apart = simulation.verify()
        #expect(apart.findings.map(\.code) == ["nodes-not-tied"])
        #expect(apart.findings.first?.severity == .warning)
        #expect(apart.findings.first?.sentence.contains("nodes n3 and n4 to nodes n1 and n2") == true)
    }

    @Test("two independent faults are both named and nothing else")
    func independent() {
        var simulation = simulation
        simulation.methods[1].path = "elsewhere/model.pth"
        let result = simulation.verify { cell, work in
            if cell.method == "full" { work.weights = "other" }
            if cell.node == "n3" { work.outputFault = "core" }
        }
        #expect(result.causes == ["weights-differ", "node-outlier"])
    }
}
