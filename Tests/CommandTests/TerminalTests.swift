import Foundation
import Glibc
import ProcessTestSupport
import TestSupport
import Testing

@testable import MAECommand
@testable import MAECoordinator
@testable import mae_coord

@Suite("What a terminal shows of mae-coord verify")
struct TerminalTests {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// Runs mae-coord with both streams at a terminal, and returns everything that came there.
    private func run(_ arguments: [String], columns: Int) async throws -> (text: String, code: Int32) {
        let terminal = try PseudoTerminal(columns: columns)
        let command = try RunningCommand(
            program: "/bin/sh",
            arguments: [
                "-c", "exec \"$0\" \"$@\" >\(terminal.path) 2>&1", try Program.coordinator.path,
            ] + arguments, directory: folder.path, environment: ["NO_COLOR": "1"])
        var text = ""
        try await eventually("the command has ended") {
            // Asked first: what was written last counts too.
            let isRunning = command.isRunning
            text += terminal.read()
            return !isRunning
        }
        return (text, try await command.result().exitCode)
    }

    @Test("reports wrap at the terminal's width, and nothing of the progress is left", arguments: [44, 70])
    func width(columns: Int) async throws {
        let (text, code) = try await run(
            ["verify", "--store", "store", "--local", "2", "--batches", "40", "--log-level", "info"]
                + VerifySite.goldenMethods, columns: columns)
        #expect(code == 0, "\(text)")
        let shown = TerminalScreen(columns: columns, showing: text).lines
        #expect(!shown.contains { $0.contains(" results · ") || $0.contains("2 nodes: ") }, "\(shown)")
        #expect(shown.count { $0.contains("AGREE") } == 1, "\(shown)")
        let report = text.components(separatedBy: "AGREE").last ?? ""
        let lines = report.split(whereSeparator: \.isNewline).dropFirst()
        #expect(lines.count > 5)
        // A path has no place to break at, and a line of Python is one to copy.
        #expect(
            lines.allSatisfy { $0.count <= columns || $0.contains("/") || $0.contains("noise = torch.rand") },
            "\(lines)")
    }

    @Test(
        "a block tells of a run that waits, fits a terminal that was made narrower, and goes away",
        arguments: ["", "1"])
    func block(noColor: String) async throws {
        let terminal = try PseudoTerminal(columns: 90)
        let command = try RunningCommand(
            program: "/bin/sh",
            arguments: [
                "-c", "exec \"$0\" \"$@\" >\(terminal.path) 2>&1", try Program.coordinator.path, "verify",
                "--bind", "ipc://" + folder.file("socket"), "--store", "store", "--workers", "3",
            ] + VerifySite.goldenMethods, directory: folder.path, environment: ["NO_COLOR": noColor, "TERM": "xterm"])
        var text = ""
        func drawn(_ width: Int) -> [String] {
            text += terminal.read()
            // Each drawing begins by taking the one before away.
            let last = text.components(separatedBy: "\u{1B}[J").last ?? ""
            return TerminalScreen(columns: width, showing: last).lines
        }
        try await eventually("the block is drawn") {
            let lines = drawn(90)
            return lines.starts(with: ["Waiting for workers · 0 of 18 results", "0 of 3 nodes"])
                && lines.contains { $0.hasPrefix("pretrained 0/6 · ") }
        }
        #expect(text.contains("\u{1B}[1m") == noColor.isEmpty)
        try terminal.resize(to: 30)
        try await eventually("the block fits") {
            let lines = drawn(30)
            return lines.first == "Waiting for workers · 0 of 1…" && lines.allSatisfy { $0.count < 30 }
        }
        command.send(signal: SIGTERM)
        try await eventually("the command has ended") {
            let isRunning = command.isRunning
            text += terminal.read()
            return !isRunning
        }
        #expect(!(text.components(separatedBy: "\u{1B}[J").last ?? "").contains("Waiting for workers ·"))
    }

    @Test("lines that stay go above those that are drawn again, also where a narrower terminal has broken them")
    func standing() {
        var block = TerminalBlock()
        var text = "first\n" + block.replace(by: ["one", String(repeating: "x", count: 15)], width: 20)
        // A terminal of ten columns shows the second line in two rows.
        text += block.replace(by: ["two"], width: 10)
        #expect(TerminalScreen(columns: 10, showing: text).lines == ["first", "two"])
        text += block.replace(by: ["\u{1B}[31m0123456789\u{1B}[0m", "three"], width: 10)
        text += block.replace(by: [], width: 10) + "second\n"
        #expect(TerminalScreen(columns: 10, showing: text).lines == ["first", "second", ""])
    }

    @Test(
        "the progress of any number of nodes is one line, which counts what they are at", arguments: [1, 2, 30, 1000])
    func manyNodes(count: Int) {
        let nodes = (0..<count).map { index in
            RunProgress.Node(
                name: "gpu-rack0-node\(index)", isPresent: true, results: 1,
                job: index % 3 == 0 ? nil : RunProgress.Job(method: "pretrained", batch: index))
        }
        let progress = RunProgress(
            endpoint: "tcp://127.0.0.1:5555", expected: count, done: count, total: 3 * count, phase: .gathering,
            nodes: nodes, remaining: .seconds(40))
        let line = progress.line(width: 100)
        #expect(line.count <= 100, "\(line)")
        #expect(line.hasPrefix("\(count) of \(3 * count) results · ") && line.hasSuffix(" · about 40 s left"))
        #expect(!line.contains("lost"))
        if count >= 30 { #expect(line.contains("\(count) of \(count) nodes: ") && line.contains(" waiting")) }
    }

    @Test("the progress says of a node that is gone what waits for it, and counts such nodes where they are many")
    func lost() {
        func progress(_ count: Int) -> RunProgress {
            var nodes = (0..<count).map { RunProgress.Node(name: "node\($0)", isPresent: true, results: 1) }
            nodes[0].isPresent = false
            nodes[0].absence = RunProgress.Absence(seconds: 12, waiting: 3)
            return RunProgress(
                endpoint: "tcp://127.0.0.1:5555", expected: count, done: count, total: 3 * count, phase: .gathering,
                nodes: nodes)
        }
        #expect(
            progress(2).line(width: 100)
                == "2 of 6 results · node1: waiting · node0: lost 12 s ago, 3 shards wait for it")
        #expect(progress(30).line(width: 100) == "30 of 90 results · 29 of 30 nodes: 29 waiting, 1 lost")
    }
}
