import Foundation
import Glibc
import TestSupport
import Testing

@Suite("mae-coord nodes --watch")
struct NodesWatchTests {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func watch(_ seconds: String...) throws -> RunningCommand {
        try Program.coordinator.start(["nodes", "--watch"] + seconds + ["--store", folder.file("store")])
    }

    /// A run that waits for workers, once its coordinator has told the store that it is at work.
    private func waitingRun() async throws -> VerifySite {
        let site = try await VerifySite(VerifySite.goldenMethods, folder: folder)
        let store = folder.file("store")
        while true {
            let overview = try await Program.coordinator.run("nodes", "--store", store)
            if overview.output.contains("under way") { return site }
            try #require(site.coordinator.isRunning, "\(overview.errors)")
        }
    }

    @Test(
        "elsewhere than on a terminal it writes one block after the other, and a signal ends it with 0",
        arguments: [SIGTERM, SIGINT])
    func signal(number: Int32) async throws {
        let site = try await waitingRun()
        let watch = try watch("0.2")
        try await eventually("nodes were shown three times") {
            watch.output.components(separatedBy: "\n\nrun ").count > 2
        }
        watch.send(signal: number)
        let result = try await watch.result()
        #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
        #expect(result.output.contains("no node has come") && !result.output.contains("\u{1B}"))
        site.coordinator.send(signal: SIGTERM)
        _ = try await site.coordinator.result()
    }

    @Test("it shows nodes that come, and ends with the run")
    func end() async throws {
        let site = try await waitingRun()
        let watch = try watch()
        let workers = [try site.worker("left"), try site.worker("right")]
        #expect(try await site.coordinator.result().exitCode == 0)
        let result = try await watch.result()
        #expect(result.exitCode == 0)
        let last = result.output.components(separatedBy: "\n\n").last ?? ""
        #expect(
            last.contains("ended") && last.contains(": agree") && last.contains("left") && last.contains("right"),
            "\(last)")
        try await VerifySite.dismiss(workers)
    }

    @Test("on a terminal it draws them again in place, in its width")
    func terminal() async throws {
        let site = try await waitingRun()
        let terminal = try PseudoTerminal(columns: 40)
        let watch = try RunningCommand(
            program: "/bin/sh",
            arguments: [
                "-c", "exec \"$0\" \"$@\" >\(terminal.path)", try Program.coordinator.path, "nodes", "--watch", "0.2",
                "--store", folder.file("store"),
            ], directory: nil, environment: ["TERM": "xterm"])
        var text = ""
        try await eventually("nodes were shown three times") {
            text += terminal.read()
            return text.components(separatedBy: "\u{1B}[J").count > 3
        }
        watch.send(signal: SIGTERM)
        #expect(try await watch.result().exitCode == 0)
        text += terminal.read()
        let lines = TerminalScreen(columns: 40, showing: text).lines
        #expect(
            lines.count == 3 && lines[0].hasPrefix("run run-") && lines[1...] == ["no node has come", ""], "\(lines)")
        #expect(lines[0].count < 40)
        site.coordinator.send(signal: SIGTERM)
        _ = try await site.coordinator.result()
    }

    @Test(
        "it is refused for JSON, and for times that are none",
        arguments: [["--json"], ["0"], ["1e9"], ["-1"], ["soon"]])
    func usage(options: [String]) async throws {
        let result = try await Program.coordinator.run(["nodes", "--store", folder.path, "--watch"] + options)
        #expect(result.exitCode == 64, "\(result.errors)")
    }
}
