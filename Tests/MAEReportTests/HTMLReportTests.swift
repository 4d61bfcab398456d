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
        #expect(html.contains("Who agrees with whom") && html.contains("Every two results, as a map"))
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
        #expect(html.contains("<p>Batch 0: all 6 results have the same bits, <code>"))
        #expect(!html.contains("<svg"))
    }

    @Test("results of equal bits stand together, by method and node, with how far the others are off")
    func groups() throws {
        let comparison = Simulation(nodes: ["n1", "n2", "n3"], batches: 12).verify { cell, work in
            if cell.method == "full", cell.batch < 10 { (work.outputFault, work.shift) = ("x", 1e-3) }
            if cell.batch == 10, cell.node != "n1" { (work.outputFault, work.shift) = (cell.node, 1e-3) }
        }.comparison
        let partings = BitGroups(comparison).partings
        #expect(partings.map(\.batches) == [[10], Array(0..<10), [11]])
        #expect(
            partings.map { $0.groups.map(\.words) } == [
                ["every method on n1", "every method on n2", "every method on n3"],
                ["`pretrained` and `state-dict` on every node", "`full` on every node"], ["every method on every node"],
            ])
        #expect(partings[1].groups.map(\.count) == [6, 3] && partings[2].isWhole && !partings[1].isWhole)
        let measured = comparison.pairs.filter { comparison.cells[$0.left].batch.index == 0 }.compactMap(
            \.metrics?.maximum)
        #expect(partings[1].groups[0].maximum == nil && partings[1].groups[1].maximum.map(measured.contains) == true)
        let html = HTMLReport.groups(partings)
        #expect(html.contains("<h3>Batches 0–9: 2 groups of equal bits</h3>"))
        #expect(html.contains("<td class=\"words\"><code>full</code> on every node</td>"))
        #expect(html.contains("Batch 11: all 9 results have the same bits"))
    }

    @Test("where computing parts, the layers that have other bits are drawn; other weights or masks have no such place")
    func layers() {
        let html = HTMLReport.render(
            Simulation(nodes: ["n1", "n2", "n3"]).verify { cell, work in
                if cell.node == "n2" { (work.outputFault, work.faultyLayer) = ("x", 2) }
            })
        #expect(html.contains("every method on n2, batch 0: other bits from <code>vit.encoder.layer.1</code> on"))
        #expect(html.contains("<title>vit.encoder.layer.0: same bits</title>"))
        #expect(html.contains("<title>vit.encoder.layer.1: other bits</title>"))
        let weights = HTMLReport.render(
            Simulation(nodes: ["n1", "n2", "n3"]).verify { cell, work in
                if cell.method == "full" { (work.weights, work.shift) = ("other", 1) }
            })
        #expect(!weights.contains("Where it starts") && !weights.contains("class=\"bar\""))
    }

    @Test("findings come first, then masks, who agrees with whom, where it starts, and timing and machines at last")
    func order() throws {
        var details = ReportDetails()
        details.masks = [PatchGrid(caption: "a", columns: 2, isKept: [true, false, false, false])]
        let html = HTMLReport.render(
            Simulation(nodes: ["n1", "n2", "n3"]).verify { cell, work in
                if cell.node == "n2" { (work.outputFault, work.shift) = ("x", 1) }
            }, details: details)
        let heads = [
            "<h2>Findings</h2>", "Which patches were kept", "Nodes and loading methods", "Who agrees with whom",
            "Where it starts", "By how much", "Every two results, as a map", "Timing and machines",
        ]
        let places = heads.map { html.range(of: $0)?.lowerBound }
        for (head, place) in zip(heads, places) { #expect(place != nil, "\(head)") }
        #expect(places.compactMap(\.self) == places.compactMap(\.self).sorted())
    }

    @Test(
        "three hundred nodes, one of which is odd, give a short page",
        .enabled(if: !Sampling.isOn, "takes long without optimization"))
    func threeHundred() {
        let html = HTMLReport.render(
            Simulation(nodes: (1...300).map { "n\($0)" }).verify { cell, work in
                if cell.node == "n7" { (work.outputFault, work.shift) = ("x", 1) }
            })
        #expect(html.utf8.count < 300_000)
        #expect(html.contains("every method on n7<"))
        #expect(html.contains("every method on n1, n2, n3, n4, n5, n6 and 293 more"))
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
