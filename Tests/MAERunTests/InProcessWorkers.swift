import Logging
import MAECluster
import MAEDomain
import MAEEngine
import MAEThreads
import MAEWorker
import Synchronization
import ZeroMQ

/// Workers with the real engine on threads of this process.
final class InProcessWorkers: Sendable {
    private let context: Context
    private let log: Logger
    private let workers = Mutex<[(shell: WorkerShell, thread: NamedThread)]>([])

    init(_ log: Logger) throws {
        context = try Context()
        self.log = log
    }

    /// A runner with an engine of its own, which computes as a worker does.
    static func engine() throws -> EngineRunner { EngineRunner(try Engine(EngineOptions(threads: 1))) }

    /// Starts a worker for each name, which computes with what `runner` makes for it.
    func start(
        _ names: [String], connectingTo endpoint: String, runner: (_ name: String) throws -> any ShardRunner
    ) throws {
        for node in names.compactMap(NodeID.init) {
            var options = WorkerOptions(endpoint: endpoint, node: node, host: "here")
            options.policy.helloInterval = .milliseconds(20)
            let shell = try WorkerShell(options, runner: runner(node.name), context: context, log: log)
            let thread = try NamedThread("test-\(node.name)") { try shell.run() }
            workers.withLock { $0.append((shell, thread)) }
        }
    }

    /// Ends all workers, and returns when they have ended.
    func end() throws {
        let ending = workers.withLock { workers in
            defer { workers = [] }
            return workers
        }
        for worker in ending { worker.shell.leave() }
        for worker in ending { try worker.thread.join() }
    }
}
