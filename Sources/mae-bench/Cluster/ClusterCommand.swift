import ArgumentParser
import Foundation
import MAECommand

/// `mae-bench cluster`: how many shards a second a coordinator hands out and takes in.
struct ClusterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Measures the coordinator: shards a second, round trips, memory for each worker.",
        discussion: """
            A real coordinator with a real store serves workers that answer at once, over TCP on this machine. A result \
            counts when it is acknowledged, which is when it is on the disk. Round trips, from a result to the next job, \
            are taken in a run of their own with one worker that holds one shard at a time. What a worker and a shard cost the \
            coordinator's memory is told apart by a run of few shards; with 100 workers or more, and a million shards, both are \
            set against their targets. Each run is a process of its own.

            Example: mae-bench cluster --workers 1000 --shards 100000
            """)

    @Option(help: ArgumentHelp("Workers, all in one other process; not for --plot.", valueName: "n"))
    var workers = 2

    @Option(help: ArgumentHelp("Shards in all; each worker gets its share.", valueName: "n"))
    var shards = 100_000

    @Option(
        help: ArgumentHelp(
            "Shards a worker holds at once; when left out, as many as the coordinator gives by itself.",
            valueName: "n"))
    var leases: Int?

    @Option(
        help: ArgumentHelp(
            "Instead of one size, run 10, 100 and 1000 workers with 1000 shards, 10000 and so on up to --shards, and draw "
                + "how the time grows here.", valueName: "file.svg"), completion: .file(extensions: ["svg"]))
    var plot: String?

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func validate() throws {
        guard (1...4096).contains(workers) else { throw ValidationError("--workers \(workers): from 1 to 4096.") }
        guard shards >= workers, shards <= 100_000_000 else {
            throw ValidationError("--shards \(shards): from one for each worker to 100000000.")
        }
        guard plot == nil || shards >= ClusterSweep.fewestShards else {
            throw ValidationError("--shards \(shards): from \(ClusterSweep.fewestShards) with --plot.")
        }
        if let leases, !(1...256).contains(leases) { throw ValidationError("--leases \(leases): from 1 to 256.") }
    }

    func run() throws {
        let scratch = try ScratchFolder()
        func run(_ name: String, workers: Int, batches: Int, leases: Int?) throws -> ClusterRun {
            try ClusterRun.inProcess(
                workers: workers, batches: batches, leases: leases, folder: try scratch.folder(name))
        }
        if let drawing = plot.map({ OutputFile($0) }) {
            try drawing.probe()
            let sweep = try ClusterSweep(upTo: shards) { workers, shards in
                try run("\(workers)-\(shards)", workers: workers, batches: shards / workers, leases: leases)
            }
            try drawing.write(sweep.drawing)
            try StandardOutput.writeLine(json ? sweep.json() : sweep.text)
            return
        }
        let single = try run("single", workers: 1, batches: 2000, leases: 1)
        let loaded = try run("loaded", workers: workers, batches: shards / workers, leases: leases)
        let base = ClusterMemory.baseShards(workers: workers, shards: shards)
        let memory = try base.map { few in
            ClusterMemory(
                workers: workers, few: try run("few", workers: workers, batches: few / workers, leases: leases),
                many: loaded)
        }
        let report = ClusterReport(workers: workers, leases: leases, loaded: loaded, single: single, memory: memory)
        try StandardOutput.writeLine(json ? report.json() : report.text)
    }
}
