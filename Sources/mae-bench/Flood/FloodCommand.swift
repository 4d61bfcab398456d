import ArgumentParser
import MAECommand

/// `mae-bench flood`: at what rate honest workers are served while one key floods.
struct FloodCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flood",
        abstract: "Measures honest workers with and without a node that floods the coordinator.",
        discussion: """
            A real coordinator with keys serves light workers, turn by turn without a flood, while another program only computes, \
            and with a flood: another key sends one kind of message over eight connections as fast as it can, and connects again whenever it is cut off. \
            It yields the processors to the others, as if it ran on another machine. The ratios are those of the middle rates.

            Example: mae-bench flood --rounds 5 --kind results
            """)

    @Option(help: "What is sent: \(FloodKind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var kind = FloodKind.results
    @Option(help: ArgumentHelp("Honest workers.", valueName: "n"))
    var workers = 2
    @Option(help: ArgumentHelp("Shards in each run.", valueName: "n"))
    var shards = 20_000
    @Option(help: ArgumentHelp("Runs of each sort.", valueName: "n"))
    var rounds = 5
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...64).contains(workers) else { throw ValidationError("--workers \(workers): from 1 to 64.") }
        guard shards >= workers, shards <= 10_000_000 else {
            throw ValidationError("--shards \(shards): from one for each worker to 10000000.")
        }
        guard (1...1000).contains(rounds) else { throw ValidationError("--rounds \(rounds): from 1 to 1000.") }
    }

    func run() throws {
        DescriptorLimit.raise()
        let scratch = try ScratchFolder()
        func rate(_ name: String, _ flood: FloodKind?) throws -> Double {
            let run = try ClusterRun(
                workers: workers, batches: shards / workers, leases: nil, folder: try scratch.folder(name),
                access: .keys(flood))
            return Double(run.workers.shards) / max(run.workers.seconds, 1e-9)
        }
        var quiet: [Double] = []
        var computing: [Double] = []
        var flooded: [Double] = []
        for round in 0..<rounds {
            quiet.append(try rate("quiet-\(round)", nil))
            computing.append(try rate("computing-\(round)", .processor))
            flooded.append(try rate("flooded-\(round)", kind))
        }
        let report = FloodReport(
            kind: kind, workers: workers, shards: shards, quiet: quiet, computing: computing, flooded: flooded)
        try StandardOutput.writeLine(json ? report.json() : report.text)
    }
}

extension FloodKind: ExpressibleByArgument {}
