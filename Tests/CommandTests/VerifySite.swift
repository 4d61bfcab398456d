import FaultTestSupport
import Foundation
import Glibc
import TestSupport
import Testing

/// A coordinator and workers as real processes on loopback, with a folder of their own.
struct VerifySite {
    let folder: TemporaryDirectory
    let coordinator: RunningCommand
    let endpoint: String

    /// The one model that is kept in all forms, loaded by three methods.
    static let goldenMethods = [
        "--method", "pretrained=\(Goldens.path("checkpoints/hub4"))",
        "--method", "full=\(Goldens.path("checkpoints/full5.pth"))",
        "--method", "state-dict=\(Goldens.path("checkpoints/state5.pth"))",
        "--config", Goldens.path("checkpoints/hub4"),
    ]

    /// Starts `mae-coord verify` and waits until workers can connect.
    init(
        _ options: [String], workers: Int = 2, folder: TemporaryDirectory? = nil, environment: [String: String] = [:]
    ) async throws {
        self.folder = try folder ?? TemporaryDirectory()
        let endpointFile = self.folder.file("endpoint-\(UUID().uuidString)")
        let own = ["--bind", "tcp://127.0.0.1:*", "--json", self.folder.file("report.json")]
        let process = try Program.coordinator.start(
            [
                "verify", "--endpoint-file", endpointFile, "--workers", "\(workers)",
                "--store", self.folder.file("store"),
            ] + stride(from: 0, to: own.count, by: 2).flatMap { options.contains(own[$0]) ? [] : own[$0...$0 + 1] }
                + options,
            environment: environment)
        coordinator = process
        var text = ""
        try await eventually("workers can connect") {
            // Asked before the file is read: a run that is over already has had an endpoint.
            let isRunning = process.isRunning
            text = (try? String(contentsOfFile: endpointFile, encoding: .utf8)) ?? ""
            return !text.isEmpty || !isRunning
        }
        endpoint = text.trimmingCharacters(in: .whitespacesAndNewlines)
        try #require(!endpoint.isEmpty, "no endpoint: \(process.errors)")
    }

    /// Starts a worker, which may read every file that the coordinator names, and logs each batch.
    func worker(
        _ name: String, _ options: String..., environment: [String: String] = [:]
    ) throws -> RunningCommand {
        try Program.worker.start(
            ["--connect", endpoint, "--name", name, "--threads", "1", "--models", "/"]
                + (environment["MAE_LOG_LEVEL"] == nil ? ["--log-level", "debug"] : []) + options,
            environment: environment)
    }

    /// Starts a worker of the same kind that has a fault.
    func faultyWorker(
        _ name: String, _ fault: FaultCase, environment: [String: String] = [:]
    ) throws -> RunningCommand {
        try faultyWorker(name, spec: fault.spec, fault.options, environment: environment)
    }

    /// The same for a fault that has no case of its own.
    func faultyWorker(
        _ name: String, spec: String, _ options: [String] = [], environment: [String: String] = [:]
    ) throws -> RunningCommand {
        try Program.faultyWorker.start(
            ["--connect", endpoint, "--name", name, "--threads", "1", "--models", "/", "--fault", spec] + options,
            environment: environment)
    }

    /// How many results of each node are in the store.
    func storedResults() async throws -> [String: Int] {
        let result = try await Program.coordinator.run("nodes", "--json", "--store", folder.file("store"))
        try #require(result.exitCode == 0, "\(result.errors)")
        let nodes = try result.json.objects("nodes").map { ($0["name"] ?? "", Int($0.number("results") ?? 0)) }
        return Dictionary(uniqueKeysWithValues: nodes)
    }

    /// A folder with a tiny model of fresh weights, `model`.
    static func tinyModel() async throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        let result = try await Program.coordinator.run(
            ["checkpoint", "init", "--preset", "tiny", "--seed", "1", "--output", folder.file("model")])
        try #require(result.exitCode == 0, "\(result.errors)")
        return folder
    }

    /// Tells workers to go, and expects that they go cleanly.
    static func dismiss(_ workers: [RunningCommand]) async throws {
        for worker in workers { worker.send(signal: SIGTERM) }
        for worker in workers { #expect(try await worker.result().exitCode == 0) }
    }

    /// Every result of a run, the batch of the run alone included; a report only counts many of a long run.
    func results(of run: String) async throws -> [JSONObject] {
        let file = folder.file("results-\(UUID().uuidString)")
        _ = try await Program.coordinator.run("report", run, "--cells", file, "--store", folder.file("store"))
        return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map {
            try JSONObject(Data($0.utf8))
        }
    }

    var report: JSONObject {
        get throws { try JSONObject(Data(contentsOf: URL(fileURLWithPath: folder.file("report.json")))) }
    }

    func findingCodes() throws -> Set<String> {
        Set(try report.objects("findings").compactMap { $0["code"] })
    }
}
