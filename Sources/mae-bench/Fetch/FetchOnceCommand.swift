import ArgumentParser
import Foundation
import Logging
import MAECluster
import MAECommand
import MAEContent
import MAEDomain
import MAETensor
import MAEThreads
import MAEWire
import MAEWorker
import Synchronization
import ZeroMQ

/// `mae-bench fetch-once`: a worker that fetches a checkpoint and computes nothing, for `mae-bench fetch`.
struct FetchOnceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch-once", abstract: "Fetches a checkpoint once and prints when.", shouldDisplay: false)

    @Option var name: String
    @Option var cache: String
    @Option var folder: String

    func run() throws {
        guard let node = NodeID(name) else { throw ValidationError("--name: no name for a node") }
        try FetchSignal.wait(for: FetchSignal.endpoint(folder))
        let endpoint = try String(contentsOfFile: FetchSignal.endpoint(folder), encoding: .utf8)
            .trimmingCharacters(in: .newlines)
        let log = Logger(command: "mae-bench", level: .warning)
        let options = WorkerOptions(endpoint: endpoint, node: node, host: "here")
        let context = try Context()
        let supply = CheckpointSupply(
            cache: ContentCache(directory: cache, limit: .max), folders: ModelFolders([]), options: options,
            context: context, log: log)
        let runner = FetchRunner(supply, ready: FetchSignal.ready(folder, name), go: FetchSignal.go(folder))
        let shell = try WorkerShell(options, runner: runner, context: context, log: log)
        // A worker waits for the next run; this one has done its part when the result is accepted.
        let leaver = try NamedThread("bench-leaver") {
            if runner.ending.wait({ $0 }) == .fetched { sleep(1) }
            shell.leave()
        }
        defer {
            runner.ending.change { $0 = $0 ?? .failed }
            try? leaver.join()
        }
        try shell.run()
        guard let record = runner.record else { throw WrongResult("the worker was given nothing to fetch") }
        try StandardOutput.writeLine(record.json())
    }
}

/// Fetches what a job names, and answers with nothing computed.
private final class FetchRunner: ShardRunner {
    /// What ends the worker.
    enum Ending: Sendable {
        /// The files are there, and the result is to have time to be accepted.
        case fetched
        /// The worker has ended without them.
        case failed
    }

    let ending = Monitor<Ending?>(nil)
    private let supply: CheckpointSupply
    private let ready: String
    private let go: String
    private let times = Mutex<FetchRounds.WorkerRecord?>(nil)

    init(_ supply: CheckpointSupply, ready: String, go: String) {
        self.supply = supply
        self.ready = ready
        self.go = go
    }

    var record: FetchRounds.WorkerRecord? { times.withLock { $0 } }

    func identity(name: String, host: String) -> NodeIdentity {
        NodeIdentity(
            name: name, host: host, backend: "none", device: "none", isa: "none", threads: 1, numericClass: "fetch",
            engineBuild: "fetch")
    }

    func run(_ job: JobRequest, control: ShardControl) throws -> Completed {
        try FetchSignal.give(ready)
        try FetchSignal.wait(for: go)
        let begin = ChildProcess.now
        let place = try supply.place(of: job, control)
        times.withLock { $0 = FetchRounds.WorkerRecord(begin: begin, end: ChildProcess.now) }
        withExtendedLifetime(place) {}
        ending.change { $0 = .fetched }
        let nothing = SHA256Digest(of: [])
        let pooled = Tensor(shape: [job.batchSize, 1], elements: Array(repeating: 0, count: job.batchSize))
        return Completed(
            weights: WeightsObservation(digest: nothing),
            digests: StageDigests(
                input: nothing, noise: nothing, mask: nothing, order: nothing, layernorm: nothing, returned: nothing,
                pooled: pooled.digest()),
            configuration: [ConfigurationField(name: "hidden_size", value: "1", origin: .flag)],
            maskRatio: MaskRatio(0, from: .defaultValue), seconds: StageSeconds(),
            pooled: TensorPayload(.pooled, pooled), tokens: 1, hidden: 1)
    }
}
