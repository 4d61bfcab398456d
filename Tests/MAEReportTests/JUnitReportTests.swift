import Foundation
import FoundationXML
import MAEVerify
import Testing

@testable import MAEReport
@testable import VerifyTestSupport

@Suite("JUnit report")
struct JUnitReportTests {
    @Test("each pair is a test case, and the counts are right")
    func counts() throws {
        var simulation = Simulation()
        simulation.lost = [Cell(node: "n1", method: "full", batch: 0)]
        let verification = simulation.verify { cell, work in if cell.node == "n2" { work.outputFault = "x" } }
        let document = try XMLDocument(xmlString: JUnitReport.render(verification))
        let root = try #require(document.rootElement())
        #expect(root.attribute(forName: "tests")?.stringValue == "12")
        #expect(root.attribute(forName: "failures")?.stringValue == "7")
        #expect(root.attribute(forName: "errors")?.stringValue == "1")
        #expect(try root.nodes(forXPath: "//testcase[@classname='mae.pairs.batch-0']").count == 10)
        #expect(try root.nodes(forXPath: "//testcase/failure").count == 7)
        #expect(try root.nodes(forXPath: "//failure[@message='differs at layernorm']").count == 6)
    }

    @Test("a run that compared nothing has no passing document")
    func nothing() throws {
        var simulation = Simulation()
        simulation.lost = Set(simulation.places)
        let verification = simulation.verify()
        let root = try #require(try XMLDocument(xmlString: JUnitReport.render(verification)).rootElement())
        #expect(root.attribute(forName: "errors")?.stringValue == "7")
    }

    @Test("no two test cases have the same class and name", arguments: [3, 30])
    func unique(nodes: Int) throws {
        var simulation = Simulation(nodes: (1...nodes).map { "n\($0)" }, batches: 2)
        // Two nodes never came.
        simulation.lost = Set(simulation.places.filter { ["n1", "n2"].contains($0.node) })
        simulation.failures = simulation.lost.map {
            ShardFailure(node: "", method: $0.method, batch: $0.batch, code: "run-ended", message: "too late")
        }
        let root = try #require(try XMLDocument(xmlString: JUnitReport.render(simulation.verify())).rootElement())
        let names = try root.nodes(forXPath: "//testcase").compactMap { node in
            (node as? XMLElement).map { element in
                ["classname", "name"].map { element.attribute(forName: $0)?.stringValue ?? "" }
            }
        }
        #expect(Set(names).count == names.count)
        #expect(names.contains(["mae.cells.batch-1", "(nobody) 2/full"]))
    }

    @Test("beyond a thousand pairs the cells are the test cases")
    func cells() throws {
        let verification = Simulation(nodes: (1...40).map { "n\($0)" }).verify { cell, work in
            if cell.node == "n3" { work.outputFault = "x" }
        }
        let root = try #require(try XMLDocument(xmlString: JUnitReport.render(verification)).rootElement())
        #expect(root.attribute(forName: "tests")?.stringValue == "121")
        #expect(root.attribute(forName: "failures")?.stringValue == "4")
    }

    @Test("hostile names stay text")
    func escaping() throws {
        let hostile = Simulation(nodes: ["\"/><failure>", "b\u{0}\u{1B}&amp;\u{FFFF}"])
        let root = try #require(try XMLDocument(xmlString: JUnitReport.render(hostile.verify())).rootElement())
        #expect(root.attribute(forName: "failures")?.stringValue == "0")
        #expect(try root.nodes(forXPath: "//failure").isEmpty)
    }
}
