import ArgumentParser
import Foundation
import Logging
import MAECheckpoint
import MAECommand
import MAEContent
import MAECoordinator
import MAEDomain
import MAEFiles
import MAEStore
import MAEVerify
import ZeroMQ

/// `mae-bench fetch-serve`: the coordinator of one fetch, for `mae-bench fetch`.
struct FetchServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch-serve", abstract: "Serves a checkpoint to workers and prints what memory it took.",
        shouldDisplay: false)

    @Argument var path: String
    @Option var workers: Int
    @Option var folder: String

    func run() throws {
        let read = try ReadFiles(FileListing(checkpoint: path), memory: DigestMemory())
        // A path that no worker has.
        let method = LoadingMethod(kind: .pretrained, label: "fetched", path: "/nowhere/" + UUID().uuidString)
        var plan = RunPlan(run: "fetch", seed: 42, batches: 1, batchSize: 1, methods: [method], workers: workers)
        plan.checkpoints = [
            CheckpointFiles(.checkpoint, path: method.path, digest: read.manifest.digest, files: [])
        ]
        var options = CoordinatorOptions(endpoint: "tcp://127.0.0.1:*", timeout: .seconds(120))
        options.endpointFile = FetchSignal.endpoint(folder)
        try options.content.add(read)
        options.followUpRounds = 0
        let log = Logger(command: "mae-bench", level: .warning)
        let coordinator = try Coordinator(
            plan, options: options, store: Store(directory: folder + "/store"), context: Context(), log: log)
        let before = try PeakMemory.mebibytes()
        let outcome = try coordinator.run()
        guard outcome.summary.isComplete else {
            throw WrongResult(outcome.failures.first?.message ?? "a worker did not fetch the checkpoint")
        }
        let record = FetchRounds.CoordinatorRecord(
            bytes: read.manifest.size, growth_mib: try PeakMemory.mebibytes() - before)
        try StandardOutput.writeLine(record.json())
    }
}
