import ArgumentParser
import Foundation
import MAECommand
import MAEReport
import MAEStore
import MAEText
import MAEVerify

/// `mae-coord runs`: what there was.
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List the runs of a store, the latest first, with what each came to.",
        discussion: """
            A run without a verdict is under way, or was cut off: mae-coord verify --resume NAME carries it on.

            Example: mae-coord runs --store mae-store
            """)

    @OptionGroup var options: StoreOption

    @Option(help: ArgumentHelp("How many to list at most.", valueName: "n"))
    var limit = 30

    @Flag(help: "Print JSON; fields are added, never renamed.")
    var json = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit \(limit): from 1 on.") }
    }

    func run() throws {
        let history = try Store(directory: options.store, access: .reading).history(limit: limit)
        try StandardOutput.writeLine(json ? Document(history).json(snakeCase: true) : text(history))
    }

    private func text(_ history: [HistoryEntry]) -> String {
        guard !history.isEmpty else { return "no runs yet" }
        var table = TextTable(rightAligned: [2, 4, 5, 6, 7])
        table.add("run", "began", "took, s", "verdict", "nodes", "results", "findings", "forward, s")
        for entry in history {
            table.add(
                entry.run, entry.started.formatted(.iso8601), entry.seconds.map { NumberText.short($0) } ?? "-",
                entry.ending?.verdict ?? "not ended", "\(entry.nodes)", "\(entry.results)", "\(entry.findings)",
                entry.meanForwardSeconds.map { NumberText.short($0) } ?? "-")
        }
        return table.text(indentation: 0)
    }

    /// What `--json` prints; docs/operations.md describes the fields.
    private struct Document: Encodable {
        struct Run: Encodable {
            let name: String
            let startedAt: Date
            let endedAt: Date?
            let seconds: Double?
            let verdict: String?
            let exitCode: Int32?
            let nodes, results, findings: Int
            let meanLoadSeconds, meanForwardSeconds: Double?
        }

        let schema = 1
        let runs: [Run]

        init(_ history: [HistoryEntry]) {
            runs = history.map { entry in
                Run(
                    name: entry.run, startedAt: entry.started, endedAt: entry.ending?.time, seconds: entry.seconds,
                    verdict: entry.ending?.verdict, exitCode: entry.ending?.exitCode, nodes: entry.nodes,
                    results: entry.results, findings: entry.findings, meanLoadSeconds: entry.meanLoadSeconds,
                    meanForwardSeconds: entry.meanForwardSeconds)
            }
        }
    }
}
