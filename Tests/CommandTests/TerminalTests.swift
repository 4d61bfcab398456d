import Foundation
import Glibc
import ProcessTestSupport
import TestSupport
import Testing

@testable import MAECoordinator
@testable import mae_coord

/// A terminal of so many columns that a test reads what is written to.
private final class PseudoTerminal {
    private let descriptor: CInt
    /// The device that programs write to.
    let path: String

    init(columns: Int) throws {
        // What posix_openpt and its like do, which Swift's Glibc does not have: TIOCSPTLCK and TIOCGPTN of Linux.
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (locked, number): (CInt, CInt) = (0, 0)
        try #require(descriptor >= 0)
        try #require(ioctl(descriptor, 0x4004_5431, &locked) == 0 && ioctl(descriptor, 0x8004_5430, &number) == 0)
        path = "/dev/pts/\(number)"
        var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        try #require(ioctl(descriptor, UInt(TIOCSWINSZ), &size) == 0)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { close(descriptor) }

    /// What was written since it was asked last.
    func read() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

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

    @Test("reports wrap at the terminal's width, and the progress never takes two lines", arguments: [44, 70])
    func width(columns: Int) async throws {
        let (text, code) = try await run(
            ["verify", "--store", "store", "--local", "2", "--batches", "40", "--log-level", "info"]
                + VerifySite.goldenMethods, columns: columns)
        #expect(code == 0, "\(text)")
        // The line that is rewritten begins with this; what it wrote before is taken away.
        let progress = text.components(separatedBy: "\r\u{1B}[K").dropFirst()
            .map { $0.prefix { !$0.isNewline } }.filter { $0.contains(" results") && !$0.contains("AGREE") }
        #expect(progress.allSatisfy { $0.count < columns }, "\(progress)")
        let report = text.components(separatedBy: "AGREE").last ?? ""
        let lines = report.split(whereSeparator: \.isNewline).dropFirst()
        #expect(lines.count > 5)
        // A path has no place to break at, and a line of Python is one to copy.
        #expect(
            lines.allSatisfy { $0.count <= columns || $0.contains("/") || $0.contains("noise = torch.rand") },
            "\(lines)")
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
