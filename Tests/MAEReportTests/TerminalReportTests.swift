import MAEVerify
import TestSupport
import Testing

@testable import MAEReport
@testable import VerifyTestSupport

@Suite("Terminal report")
struct TerminalReportTests {
    let simulation = Simulation(nodes: ["n1", "n2", "n10"])

    @Test("an agreement reads as verdict, settings and matrix")
    func agreement() {
        let verification = simulation.verify()
        let prefix = verification.comparison.cells[0].digests.layernorm.description.prefix(8)
        #expect(
            TerminalReport.render(verification) == """
                AGREE  All 9 results (3 nodes, 3 loading methods, 1 batch) agree bit for bit, in class canonical-v1.
                run run-1 · seed 42 · 1 batch of 2 · noise shared · mask_ratio as each checkpoint says

                node  class         pretrained  full        state-dict
                n1    canonical-v1  = \(prefix)  = \(prefix)  = \(prefix)
                n2    canonical-v1  = \(prefix)  = \(prefix)  = \(prefix)
                n10   canonical-v1  = \(prefix)  = \(prefix)  = \(prefix)
                = same bits as most   ~ within tolerance   x differs, and where first   ! failed   ? no result

                """)
    }

    @Test("nodes that were told to drain are named below the settings, safely")
    func drained() {
        let details = ReportDetails(drainedNodes: ["n1", "n\u{202E}2"])
        let lines = TerminalReport.render(simulation.verify(), details: details).split(separator: "\n")
        #expect(lines[2] == "told to drain: n1, n\\u{202e}2")
    }

    @Test("a disagreement names stage, finding, evidence and remedy, in lines no wider than asked")
    func disagreement() {
        let verification = simulation.verify { cell, work in if cell.node == "n2" { work.outputFault = "x" } }
        let lines = TerminalReport.render(verification, style: TerminalStyle(width: 80)).split(separator: "\n")
        #expect(lines[0].hasPrefix("DISAGREE  Disagreement in 18 of 36 pairs."))
        // The matrix is wider than that, so each method has a line.
        let row = lines.drop { !$0.hasPrefix("n2") }.dropFirst().first
        #expect(row?.hasPrefix("  pretrained  x ") == true && row?.contains(" layernorm") == true)
        #expect(lines.contains("1. error node-outlier"))
        #expect(lines.contains { $0.hasPrefix("   - ") })
        #expect(lines.contains { $0.hasPrefix("   > Run it again") })
        let prose = lines.drop { !$0.hasPrefix("Findings") }
        #expect(prose.allSatisfy { $0.count <= 80 })
    }

    @Test("where no output is that of most, the sign says so, and the legend what it stands for")
    func noMajority() {
        let pair = Simulation(nodes: ["n1", "n2"]).verify { cell, work in work.outputFault = cell.node + cell.method }
        let text = TerminalReport.render(pair)
        #expect(text.contains("n1    canonical-v1  o "))
        #expect(text.contains("o what the others are compared with: none is that of most"))
        #expect(!text.contains("canonical-v1  = "))
    }

    @Test("nodes that share batches out show no digests, which would be those of different batches")
    func sharedOut() {
        var simulation = Simulation(nodes: ["n1", "n2", "n3"], batches: 3)
        simulation.blocks = [["n1", "n2"], ["n1", "n3"], ["n2", "n3"]]
        let lines = TerminalReport.render(simulation.verify()).split(separator: "\n")
        let row = lines.first { $0.hasPrefix("n1") }?.split(separator: " ", omittingEmptySubsequences: true)
        #expect(row?.dropFirst(2) == ["=", "2/2", "=", "2/2", "=", "2/2"], "\(lines)")
    }

    @Test(
        "a matrix that is wider than the terminal has a line for each method, and nothing is wider",
        arguments: [40, 60])
    func narrow(width: Int) {
        let verification = simulation.verify { cell, work in if cell.node == "n2" { work.outputFault = "x" } }
        let lines = TerminalReport.render(verification, style: TerminalStyle(width: width)).split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("  state-dict  = ") || $0.hasPrefix("  state-dict  x ") })
        // A command line is not wrapped, so that it can be copied.
        let wrapped = lines.filter { !$0.contains("mae-coord replay ") }
        #expect(wrapped.allSatisfy { $0.count <= width || !$0.contains(" ") }, "\(lines)")
        #expect(lines.contains("   > Show it again on one machine: mae-coord replay run-1 --cell n2/pretrained/0"))
    }

    @Test("colors appear on a terminal only, and never against NO_COLOR or on a dumb one")
    func colors() {
        let verification = simulation.verify()
        let colored = TerminalReport.render(verification, style: TerminalStyle(isTerminal: true, environment: [:]))
        #expect(colored.hasPrefix("\u{1B}[32mAGREE\u{1B}[0m"))
        let plain = [
            TerminalStyle(isTerminal: false, environment: [:]),
            TerminalStyle(isTerminal: true, environment: ["NO_COLOR": "1"]),
            TerminalStyle(isTerminal: true, environment: ["TERM": "dumb"]),
        ]
        for style in plain { #expect(!TerminalReport.render(verification, style: style).contains("\u{1B}")) }
        #expect(TerminalStyle(isTerminal: true, environment: ["NO_COLOR": ""]).colors)
    }

    @Test("what a peer calls itself cannot move the cursor or reverse the text")
    func escaping() {
        let hostile = Simulation(nodes: ["n1\u{1B}[2J", "evil\u{202E}\n"])
        let text = TerminalReport.render(hostile.verify { cell, work in work.outputFault = cell.node })
        #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}"))
        #expect(text.contains("n1\\u{1b}[2J"))
    }

    @Test(
        "a hundred nodes fit on a page: nodes that fared alike share a row",
        .enabled(if: !Sampling.isOn, "takes long without optimization"))
    func hundred() {
        let large = Simulation(nodes: (1...100).map { "n\($0)" })
        let text = TerminalReport.render(
            large.verify { cell, work in if cell.node == "n57" { work.outputFault = "core" } })
        #expect(text.contains("n1 … n100 (99 nodes)"))
        #expect(text.contains("\nn57 "))
        #expect(text.split(separator: "\n").count < 30)
        let chaos = TerminalReport.render(
            large.verify { cell, work in work.outputFault = cell.node }, style: TerminalStyle(width: 120))
        #expect(chaos.contains("(52 nodes)"))
        #expect(chaos.split(separator: "\n").count < 270)
        #expect(chaos.contains("79 further findings are in the JSON and HTML reports."))
    }

    @Test("several batches are one column, with the share that is bad")
    func batches() {
        var simulation = Simulation(nodes: ["n1", "n2", "n3"], batches: 4)
        simulation.lost = [Cell(node: "n3", method: "full", batch: 2)]
        let text = TerminalReport.render(
            simulation.verify { cell, work in
                if cell == Cell(node: "n2", method: "full", batch: 1) { work.outputFault = "flip" }
            })
        #expect(text.contains(" layernorm 1/4"))
        #expect(text.contains("! node-lost 1/4"))
    }

    @Test("a run without any result still says so")
    func empty() {
        var circumstances = RunCircumstances()
        circumstances.absent = [AbsentNode(name: "n1", lastRun: nil)]
        let text = TerminalReport.render(
            Verification(plan: simulation.plan, observations: [], circumstances: circumstances))
        #expect(text.hasPrefix("NOTHING COMPARED  Nothing was compared: no result arrived."))
        #expect(text.contains("n1") && text.contains("? never came"))
    }
}
