import Glibc
import Logging
import MAECoordinator
import MAEDomain
import MAEKeys
import MAERun
import MAEStore
import MAEThreads
import MAEWorker
import TestSupport
import Testing
import ZeroMQ

/// A folder with a store and a socket, in which runs are carried out by workers of this process.
struct RunSite {
    let folder: TemporaryDirectory
    let store: Store
    private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        folder = try TemporaryDirectory()
        store = try Store(directory: folder.file("store"))
    }

    /// The three ways of loading, each with a file of the same tiny model.
    static let methods = [
        LoadingMethod(kind: .pretrained, label: "pretrained", path: Goldens.path("checkpoints/hub5")),
        LoadingMethod(kind: .full, label: "full", path: Goldens.path("checkpoints/full5.pth")),
        LoadingMethod(
            kind: .stateDict, label: "state-dict", path: Goldens.path("checkpoints/state5.pth"),
            configPath: Goldens.path("checkpoints/hub5")),
    ]

    /// What a run came to, and what was heard of it.
    struct Course: Sendable {
        let result: VerificationResult
        let events: [VerificationEvent]
    }

    private var options: VerificationOptions {
        VerificationOptions(
            endpoint: "ipc://" + folder.file("socket"),
            keys: .init(KeyFolder(path: folder.file("keys")), isRequired: false), timeout: .patience)
    }

    /// Carries a run out on a thread of its own, with workers of the names `nodes` once it says that it waits for them.
    func carryOut(
        _ planned: PlannedRun, nodes: [String] = ["a", "b"],
        baseline: PinnedBaseline? = nil,
        hearing hear: @escaping @Sendable (VerificationEvent) -> Void = { _ in },
        runner: @escaping @Sendable (_ name: String) throws -> any ShardRunner = { _ in try InProcessWorkers.engine() }
    ) throws -> Course {
        let workers = try InProcessWorkers(log)
        let course = Monitor<Course?>(nil)
        var options = options
        options.baseline = baseline
        let run = VerificationRun(planned, options: options, store: store, log: log)
        let thread = try NamedThread("test-run") {
            // A signal that this thread raises reaches it alone.
            let signals = try SignalWatch([SIGUSR1])
            var events: [VerificationEvent] = []
            var endpoint = ""
            var areStarted = false
            var failure: (any Error)?
            let result = try run.run(until: signals) { event in
                events.append(event)
                switch event {
                case .listening(let reachable): endpoint = reachable
                // Not before: with workers that are there at once, there is nothing to wait for.
                case .note(let text) where text.hasPrefix("waiting for ") && !areStarted:
                    areStarted = true
                    do { try workers.start(nodes, connectingTo: endpoint, runner: runner) } catch { failure = error }
                default: break
                }
                hear(event)
            }
            if let failure { throw failure }
            course.change { $0 = Course(result: result, events: events) }
        }
        defer { try? workers.end() }
        try thread.join()
        return try #require(course.withLock { $0 })
    }
}
