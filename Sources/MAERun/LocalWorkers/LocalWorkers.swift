import Foundation
import MAECluster
import MAEDomain
import MAECoordinator
import MAEKeys
import ZeroMQ

/// The workers that `verify --local` starts: they live as long as it, and leave nothing behind when all is well.
///
/// Without an endpoint of the person's choice they meet the coordinator at a socket file in a folder that no one
/// else can enter. Where the run uses keys, each has a pair of its own, which holds for this run and is written to that folder
/// alone.
final class LocalWorkers {
    /// How long workers may take to end by themselves.
    private static let startTimeout = Duration.seconds(10)
    /// How long nothing must be computed before a run is given up.
    private static let idleLimit = Duration.seconds(3)

    private struct Worker {
        let node: NodeID
        let log: String
        let process: ChildProcess
    }

    private let program: String
    private let options: [[String]]
    private let folder: PrivateFolder
    private var names: [NodeID] = []
    private var keys: [NodeID: CurveKeyPair] = [:]
    private var workers: [Worker] = []
    /// Logs of workers that ended before they were told to.
    private(set) var failures: [String] = []
    private var told: Set<NodeID> = []
    private var isOver = false
    /// Since when the workers that are left have had nothing to do.
    private var idleSince: ContinuousClock.Instant?

    /// Prepares workers, one for each list of options for mae-worker; nothing is started.
    ///
    /// - Throws: ``LocalWorkerError`` when there is no mae-worker next to this program.
    init(_ options: [[String]]) throws(LocalWorkerError) {
        program = try OwnProgram.path("mae-worker")
        self.options = options
        folder = try PrivateFolder()
        names = (1...max(options.count, 1)).compactMap { NodeID("worker-\($0)") }
    }

    deinit { end() }

    /// A socket file that no other user can reach.
    var privateEndpoint: String { "ipc://" + folder.file("socket") }

    /// What they are called.
    var nodeNames: [String] { names.map(\.name) }

    /// How many there are.
    var count: Int { options.count }

    /// Draws a pair of keys for each worker, under names that no node of `folder` has; returns the public keys.
    func drawKeys(apartFrom folder: KeyFolder) throws -> [NodeID: CurvePublicKey] {
        let taken = Set(try folder.list().nodes.map(\.node))
        // As many numbers as names are needed and may be taken.
        let numbered = (1...(options.count + taken.count)).compactMap { NodeID("worker-\($0)") }
        names = Array(numbered.filter { !taken.contains($0) }.prefix(options.count))
        for name in names { keys[name] = try CurveKeyPair() }
        return keys.mapValues(\.publicKey)
    }

    /// Starts the workers; `coordinatorKey` is nil where no keys are used.
    ///
    /// `folders` are those that they may read what the run names from, so that they copy nothing that is on this machine.
    ///
    /// - Throws: ``LocalWorkerError``, `KeyError`
    func start(connectingTo endpoint: String, coordinatorKey: CurvePublicKey?, reading folders: [String]) throws {
        for (name, options) in zip(names, options) {
            var arguments = ["--connect", Endpoint.reachable(endpoint), "--until-input-ends"] + options
            arguments += folders.flatMap { ["--models", $0] }
            if let coordinatorKey, let pair = keys[name] {
                let file = folder.file("\(name).key")
                try NodeKeys(node: name, pair: pair, coordinatorKey: coordinatorKey).write(to: file)
                arguments += ["--key", file]
            } else {
                arguments += ["--name", name.name]
            }
            let log = folder.file("\(name).log")
            workers.append(Worker(node: name, log: log, process: try ChildProcess(program, arguments, log: log)))
        }
    }

    /// A sentence for each worker, when they start.
    var description: String {
        "starting \(count == 1 ? "1 worker" : "\(count) workers") on this machine: "
            + zip(names, options).map { "\($0) with \($1.joined(separator: " "))" }.joined(separator: ", ")
    }

    /// A sentence for each worker that has ended since it was asked last, with the file that tells why.
    func newFailures() -> [String] {
        workers.compactMap { worker in
            guard !told.contains(worker.node), !worker.process.isRunning(), let ending = worker.process.ending
            else { return nil }
            told.insert(worker.node)
            failures.append(worker.log)
            return "\(worker.node) \(ending); its log is \(worker.log)\(lastLine(of: worker.log))"
        }
    }

    /// Whether nothing more can come of the run: a worker has ended whose place no other takes, and the others have nothing
    /// to do.
    func isInVain(_ progress: RunProgress?, expected: Int) -> Bool {
        guard !failures.isEmpty, expected <= count else { return false }
        guard workers.contains(where: { $0.process.isRunning() }) else { return true }
        let isComputing = progress?.nodes.contains { $0.isPresent && $0.job != nil } ?? true
        guard let progress, progress.isWaitingForNodes, !isComputing else {
            idleSince = nil
            return false
        }
        let start = idleSince ?? .now
        idleSince = start
        return ContinuousClock.now - start >= Self.idleLimit
    }

    /// Ends the workers and waits for them; the logs of those that ended by themselves stay.
    func end() {
        guard !isOver else { return }
        isOver = true
        for worker in workers { worker.process.terminate() }
        let deadline = ContinuousClock.now + Self.startTimeout
        while workers.contains(where: { $0.process.isRunning() }), ContinuousClock.now < deadline { usleep(10_000) }
        for worker in workers { worker.process.killAndReap() }
        folder.remove(keeping: failures)
    }

    private func lastLine(of log: String) -> String {
        guard let text = try? String(contentsOfFile: log, encoding: .utf8),
            let line = text.split(separator: "\n").last
        else { return "" }
        return ", and says last: \(line)"
    }
}
