import Foundation
import GRDB
import Glibc
import ProcessTestSupport
import TestSupport
import Testing

/// A tiny model, a store, and the processes of runs at one port, which are killed, stopped and started again.
final class FaultSite {
    let folder: TemporaryDirectory
    let store: String
    let batchSize: Int
    /// Where processes run that do not simply run here, by the name of the worker, or ``coordinatorName``.
    var surroundings: [String: Surroundings] = [:]
    var endpoint = "tcp://127.0.0.1:*"
    /// What is to last as long as the site: a disk, a network.
    var belongings: [AnyObject] = []
    private(set) var run = ""
    /// Number of batches by run, without the one that each run draws for itself.
    private var batches: [String: Int] = [:]
    private(set) var workers: [String: FaultyWorker] = [:]
    /// The coordinator of the run under way.
    private var process: RunningCommand?

    /// Makes the model.
    ///
    /// - Parameter store: the folder of the store, where it is not to lie in the site's own.
    init(batchSize: Int, store: String? = nil) async throws {
        folder = try TemporaryDirectory()
        self.store = store ?? folder.file("store")
        self.batchSize = batchSize
        let result = try await Program.coordinator.run(
            "checkpoint", "init", "--preset", "tiny", "--seed", "1", "--output", folder.file("model"))
        try #require(result.exitCode == 0, "\(result.errors)")
    }

    var coordinator: RunningCommand {
        get throws { try #require(process, "no coordinator was started") }
    }

    // MARK: - Processes

    static let coordinatorName = "coordinator"

    /// What a process is started through, and what it is told of that.
    struct Surroundings {
        /// A command that runs another.
        var command: [String] = []
        var options: [String] = []
        /// Whether a worker may use the files of the model; else it fetches them.
        var hasFiles = true
    }

    /// Makes keys for the coordinator and workers of these names, which use them from now on.
    func useKeys(of names: [String]) async throws {
        let keys = folder.file("keys")
        func run(_ arguments: String...) async throws {
            let result = try await Program.coordinator.run(["keys"] + arguments + ["--keys", keys])
            try #require(result.exitCode == 0, "\(result.errors)")
        }
        try await run("init")
        surroundings[Self.coordinatorName, default: Surroundings()].options += ["--keys", keys]
        for name in names {
            let file = folder.file("\(name).key")
            try await run("add", name, "--output", file)
            surroundings[name, default: Surroundings()].options += ["--key", file]
        }
    }

    private func start(_ program: Program, _ name: String, _ arguments: [String]) throws -> RunningCommand {
        guard let surroundings = surroundings[name] else { return try program.start(arguments) }
        let words = try surroundings.command + [program.path] + arguments + surroundings.options
        return try RunningCommand(program: words[0], arguments: Array(words.dropFirst()), directory: nil)
    }

    /// Starts the coordinator of a new run of so many batches, and waits until the store has the run.
    ///
    /// A run for more `nodes` than are started yet cannot be over before the last of them comes.
    func begin(_ run: String, batches: Int, nodes: Int = 2, _ options: String...) async throws {
        self.run = run
        self.batches[run] = batches
        let file = folder.file("endpoint-\(run)")
        let process = try start(
            .coordinator, Self.coordinatorName,
            [
                "verify", "--run", run, "--method", "pretrained=\(folder.file("model"))", "--batches", "\(batches)",
                "--batch-size", "\(batchSize)", "--workers", "\(nodes)", "--endpoint-file", file,
            ] + common + options)
        self.process = process
        try await eventually("the run begins") {
            try #require(process.isRunning, "\(process.errors)")
            let sql = "SELECT count(*) FROM runs WHERE name = ?"
            return (try? self.read { try Int.fetchOne($0, sql: sql, arguments: [run]) }) == 1
        }
        endpoint = try String(contentsOfFile: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Starts another coordinator that carries the run on.
    func resume() throws {
        process = try start(.coordinator, Self.coordinatorName, ["verify", "--resume", run] + common)
    }

    private var common: [String] {
        ["--bind", endpoint, "--store", store, "--log-level", "info"]
    }

    /// Starts the last node that a run waits for, and waits for the coordinator to end the run in agreement.
    func finish(with last: String) async throws {
        try startWorker(last)
        try await finish()
    }

    /// Starts a worker; one of the same name that ran before must have ended.
    func startWorker(_ name: String) throws {
        let hasFiles = surroundings[name]?.hasFiles ?? true
        let process = try start(
            .worker, name,
            ["--connect", endpoint, "--name", name, "--threads", "1", "--log-level", "debug"]
                + (hasFiles ? ["--models", folder.path] : ["--cache", folder.file("cache-\(name)")]))
        workers[name] = FaultyWorker(name: name, process: process)
    }

    func worker(_ name: String) throws -> FaultyWorker { try #require(workers[name], "no worker \(name)") }

    /// Ends a process at once and waits until it is gone.
    func kill(_ process: RunningCommand) async throws {
        process.send(signal: SIGKILL)
        _ = try await process.result()
    }

    /// Waits for the coordinator to end the run in agreement.
    func finish(_ comment: @autoclosure () -> Comment = "") async throws {
        let result = try await coordinator.result()
        try #require(result.exitCode == 0, "\(comment()) \(result.output)\(result.errors.suffix(4000))")
    }

    /// Waits until a node that was in the cluster is in it again.
    func waitForReturn(of name: String) async throws {
        try await eventually("\(name) is in the cluster again") {
            let log = try self.coordinator.errors
            return log.components(separatedBy: "\(name) is in the cluster").count > 2
        }
    }

    /// Tells the workers to go.
    func dismiss() async throws {
        for worker in workers.values { worker.process.send(signal: SIGTERM) }
        for worker in workers.values { #expect(try await worker.process.result().exitCode == 0) }
        workers = [:]
    }

    // MARK: - The store

    /// The results of a run, in the order in which they were stored, without those of the batch that each run draws for itself.
    func results(of run: String? = nil) throws -> [StoredRow] {
        let run = run ?? self.run
        return try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT results.id, results.batch, results.digests, results.received, nodes.name FROM results
                    JOIN nodes ON nodes.id = results.node JOIN runs ON runs.id = results.run
                    WHERE runs.name = ? AND results.batch < ? ORDER BY results.id
                    """, arguments: [run, batches[run] ?? 0]
            ).map(StoredRow.init)
        }
    }

    /// Expects that a run, the last one unless it is named, has every result of each node, with the bits of the run `calm`.
    func expectWhole(
        of run: String? = nil, batches: Int, nodes: Int = 2, like calm: String, _ comment: Comment? = nil
    ) throws {
        let results = try results(of: run)
        #expect(results.count == batches * nodes, comment)
        #expect(Set(results.map(\.place)).count == results.count, comment)
        func bits(_ rows: [StoredRow]) -> [Int: Set<Data>] {
            Dictionary(grouping: rows, by: \.batch).mapValues { Set($0.map(\.digests)) }
        }
        let actual = bits(results)
        #expect(try actual.count == batches && actual == bits(self.results(of: calm)), comment)
        #expect(actual.values.allSatisfy { $0.count == 1 }, comment)
        #expect(try read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"], comment)
        #expect(try read { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check") }.isEmpty, comment)
    }

    /// A run that nobody disturbs, to compare others with.
    func calmRun(batches: Int) async throws -> String {
        try await begin("calm", batches: batches)
        try startWorker("a")
        try startWorker("b")
        try await finish()
        try await dismiss()
        try #require(try results().count == batches * 2)
        return "calm"
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        var configuration = Configuration()
        // A reader leaves the log of a killed writer as it is: the next writer is to find it so.
        configuration.readonly = true
        configuration.busyMode = .timeout(Duration.patience / .seconds(1))
        return try DatabaseQueue(path: store + "/mae.sqlite", configuration: configuration).read(body)
    }
}

/// A result as it lies in the store.
struct StoredRow: Hashable {
    /// What was to be done once.
    struct Place: Hashable {
        let node: String
        let batch: Int
    }

    let id: Int64
    let place: Place
    let digests: Data
    let received: Double

    var batch: Int { place.batch }

    init(_ row: Row) {
        id = row["id"]
        place = Place(node: row["name"], batch: row["batch"])
        digests = row["digests"]
        received = row["received"]
    }
}

/// A worker process and what its log tells.
final class FaultyWorker {
    let name: String
    let process: RunningCommand
    /// Batches that were looked at before.
    private var seen = 0

    init(name: String, process: RunningCommand) {
        self.name = name
        self.process = process
    }

    /// The batches that it began to compute, in order.
    var begun: [Int] {
        process.errors.split(separator: "computing batch ").dropFirst().compactMap { text in
            text.firstIndex(of: ",").flatMap { Int(text[..<$0]) }
        }
    }

    /// How often it has said that no coordinator answers.
    var complaints: Int { process.errors.components(separatedBy: "no answer yet from a coordinator").count - 1 }

    /// Those that it began since this was asked last.
    func takeBegun() -> [StoredRow.Place] {
        let begun = begun
        defer { seen = begun.count }
        return begun[seen...].map { StoredRow.Place(node: name, batch: $0) }
    }
}
