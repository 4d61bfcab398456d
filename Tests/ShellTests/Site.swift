import Foundation
import Logging
import MAECluster
import MAECoordinator
import MAEDomain
import MAEStore
import MAEVerify
import MAEWorker
import Synchronization
import TestSupport
import ZeroMQ

/// A folder with a store and a socket file, where a coordinator and workers run on threads of their own.
final class Site: Sendable {
    let folder: TemporaryDirectory
    let context: Context
    let log: Logger
    let lines = LogLines()
    let endpoint: String
    private let workers = Mutex<[WorkerShell]>([])

    init() throws {
        folder = try TemporaryDirectory()
        context = try Context()
        endpoint = "ipc://" + folder.file("socket")
        log = lines.logger
    }

    /// A plan of so many batches of two images by two methods.
    static func plan(batches: Int = 2, workers: Int = 2) -> RunPlan {
        RunPlan(
            run: "night", seed: 42, batches: batches, batchSize: 2,
            methods: [
                LoadingMethod(kind: .pretrained, label: "pretrained", path: "/model"),
                LoadingMethod(kind: .stateDict, label: "state-dict", path: "/model.pth"),
            ], workers: workers)
    }

    /// Options for a run in which no node is lost, and no job counts as slow or as standing still, on a busy machine.
    var options: CoordinatorOptions { optionsListening(at: endpoint) }

    /// The same for a coordinator that listens elsewhere.
    func optionsListening(at endpoint: String) -> CoordinatorOptions {
        var options = CoordinatorOptions(endpoint: endpoint, timeout: .patience)
        options.policy.silenceTimeout = .patience
        options.policy.stallTimeout = .patience
        options.policy.shortestStraggler = .patience
        return options
    }

    /// The same for a coordinator at a port that the system chooses and that is written to a file.
    func optionsForTCP() -> (options: CoordinatorOptions, endpointFile: String) {
        let file = folder.file("endpoint")
        var options = optionsListening(at: "tcp://127.0.0.1:*")
        options.endpointFile = file
        return (options, file)
    }

    /// The endpoint in a file, once a coordinator has written it there.
    static func endpoint(in file: String) async throws -> String {
        var text = ""
        try await eventually("the coordinator listens") {
            text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            return !text.isEmpty
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func store() throws -> Store { try Store(directory: folder.file("store")) }

    /// A coordinator of a new run, listening at the site's own endpoint unless `options` say otherwise.
    func coordinator(_ plan: RunPlan, _ store: Store, _ options: CoordinatorOptions? = nil) throws -> Coordinator {
        try Coordinator(plan, options: options ?? self.options, store: store, context: context, log: log)
    }

    /// Starts a worker.
    @discardableResult
    func startWorker(
        _ name: String, _ runner: any ShardRunner = LightRunner(), keyFile: String? = nil
    ) throws -> WorkerShell {
        let worker = try worker(name, runner, keyFile: keyFile)
        Thread.detachNewThread { try? worker.run() }
        return worker
    }

    /// A worker that was not started; it leaves with the site at the latest.
    func worker(
        _ name: String, _ runner: any ShardRunner, keyFile: String? = nil, grace: Duration = .patience
    ) throws -> WorkerShell {
        guard let node = NodeID(name) else { preconditionFailure("\(name) is no name") }
        var options = WorkerOptions(endpoint: endpoint, node: node, host: "here")
        options.keyFile = keyFile
        options.grace = grace
        options.handshakeInterval = .milliseconds(100)
        options.policy.helloInterval = .milliseconds(20)
        options.policy.longestHelloInterval = .milliseconds(100)
        options.policy.resendInterval = .milliseconds(200)
        let worker = try WorkerShell(options, runner: runner, context: context, log: log)
        workers.withLock { $0.append(worker) }
        return worker
    }

    deinit { workers.withLock { $0 }.forEach { $0.leave() } }
}
