import Foundation
import FoundationXML
import MAEDomain
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

    @Test("the banner names a cause by its code, and the words of it stand in its card alone")
    func cause() throws {
        let verification = Simulation(nodes: ["n1", "n2", "n3"]).verify { cell, work in
            if cell.node == "n2" { work.outputFault = "x" }
        }
        let html = HTMLReport.render(verification)
        let first = try #require(verification.findings.first)
        #expect(html.components(separatedBy: HTMLReport.prose(first.sentence)).count == 2)
        #expect(html.contains("Cause: <code>\(first.code)</code>"))
    }

    @Test("rows and columns of the map have the same names")
    func mapLabels() {
        let html = HTMLReport.render(
            Simulation(nodes: ["n1", "n2", "n3"]).verify { cell, work in work.outputFault = cell.node })
        let rows = html.components(separatedBy: "text-anchor=\"end\">n1 / ").count
        #expect(rows > 1 && html.components(separatedBy: "rotate(-90)\">n1 / ").count == rows)
    }

    @Test("patches that were kept are drawn, and the command line, the time and the workers are told")
    func details() throws {
        var details = ReportDetails()
        details.masks = [
            PatchGrid(caption: "a <b>", columns: 2, isKept: [true, false, false, false]),
            PatchGrid(caption: "c", columns: 2, isKept: [false, true, false, false]),
        ]
        details.command = "mae-coord verify '<x>'"
        details.startedAtSeconds = 0
        let html = HTMLReport.render(Simulation(nodes: ["n1", "n2"]).verify(), details: details)
        #expect(html.components(separatedBy: "aria-label=\"patches kept:").count == 3)
        #expect(html.components(separatedBy: "<rect class=\"close\"").count == 3)
        #expect(html.contains("a &lt;b&gt;") && html.contains("mae-coord verify &#39;&lt;x&gt;&#39;"))
        #expect(html.contains("1970-01-01") || html.contains("1969-12-31"))
        #expect(html.contains("2 of 2 expected workers"))
        details.masks = details.masks.map { PatchGrid(caption: $0.caption, columns: 2, isKept: [true, true]) }
        #expect(!HTMLReport.render(Simulation().verify(), details: details).contains("patches kept"))
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
