import Foundation
import FoundationXML
import MAEVerify
import TestSupport
import Testing

@testable import MAEReport
@testable import VerifyTestSupport

@Suite("HTML report")
struct HTMLReportTests {
    @Test("the page names verdict and cause, and draws the difference")
    func content() {
        let html = HTMLReport.render(
            Simulation(nodes: ["n1", "n2", "n3"]).verify { cell, work in if cell.node == "n2" { work.outputFault = "x" }
            })
        #expect(html.contains("<h1>Disagreement</h1>"))
        #expect(html.contains("<code>node-outlier</code>"))
        #expect(html.contains("Who differs from whom"))
        #expect(html.contains("class=\"bar\""))
        #expect(html.contains("class=\"atol\""))
    }

    @Test("an agreement draws no differences")
    func agreement() {
        let html = HTMLReport.render(Simulation().verify())
        #expect(html.contains("<h1>Everything agrees</h1>"))
        #expect(!html.contains("<svg"))
    }

    @Test("nothing is loaded from outside, and scripts are forbidden")
    func selfContained() {
        let html = HTMLReport.render(Simulation().verify { cell, work in work.outputFault = cell.node })
        for word in ["http:", "https:", "src=", "href=", "url(", "<script", "@import"] {
            #expect(!html.contains(word), "\(word)")
        }
        #expect(html.contains("default-src 'none'"))
    }

    @Test("whatever peers and files are called stays text, everywhere on the page")
    func escaping() throws {
        let attack = "<script>alert(1)</script>\"'&"
        var simulation = Simulation(nodes: ["n1" + attack, "n2", "n3"])
        simulation.methods[1].label = "full" + attack
        simulation.methods[1].path = attack
        simulation.node = { Simulation.identity($0, device: attack, build: $0 + attack) }
        simulation.failures = [
            ShardFailure(node: "n4" + attack, method: "full", batch: 0, code: attack, message: attack)
        ]
        let verification = simulation.verify { cell, work in
            work.loadFindings = [LoadFinding(code: attack, severity: .warning, text: attack)]
            if cell.node == "n2" { work.outputFault = "x" }
            if cell.node == "n3" { work.weights = attack }
        }
        let html = HTMLReport.render(
            verification, details: ReportDetails(versions: [attack: attack], startedAt: attack))
        #expect(!html.contains("<script"))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"))
    }

    @Test("the body is well formed")
    func wellFormed() throws {
        var simulation = Simulation(nodes: ["n1", "n2", "n3"], batches: 2, noise: .sequential)
        simulation.lost = [Cell(node: "n3", method: "full", batch: 1)]
        let html = HTMLReport.render(
            simulation.verify { cell, work in if cell.node == "n2" { work.weights = "<&>" } })
        let start = try #require(html.range(of: "<main>"))
        let end = try #require(html.range(of: "</main>"))
        let body = html[start.lowerBound..<end.upperBound].replacingOccurrences(of: "<details open>", with: "<details>")
        #expect(throws: Never.self) { try XMLDocument(xmlString: body) }
    }

    @Test(
        "a hundred nodes that all differ still give a page of bearable size",
        .enabled(if: !Sampling.isOn, "takes long without optimization"))
    func hundred() {
        let html = HTMLReport.render(
            Simulation(nodes: (1...100).map { "n\($0)" }).verify { cell, work in work.outputFault = "\(cell)" })
        #expect(html.utf8.count < 1_000_000)
        #expect(html.contains("further pairs are left out here"))
    }
}
