import MAECluster
import MAEDomain
import MAEStore
import MAEThreads
import MAEVerify
import Synchronization
import ZeroMQ

/// Writes to the store on a thread of its own, so that the coordinator goes on listening while the disk is waited for.
///
/// What was posted while one transaction was under way makes up the next one: the slower the disk, the more results share
/// one wait. Between two transactions it looks whether the store names other nodes to be drained.
final class StoreWriter: RunJournal, Sendable {
    /// Signalled whenever something was written, or an order has come.
    let wakeUp: WakeUp
    private let store: Store
    private let run: String
    private let limits: StoreLimits
    private let state = Monitor(State())
    private let thread = Mutex<NamedThread?>(nil)

    private struct State {
        var changes = Changes()
        /// Leases whose results are among the changes.
        var leases: [Lease] = []
        /// Leases whose results are on the disk, not taken yet.
        var stored: [Lease] = []
        var isWriting = false
        var isStopped = false
        var failure: (any Error)?
        /// Results that are posted or being written, and bytes of them.
        var unwritten = 0
        var unwrittenBytes = 0
        /// Nodes that are to be drained, when that has changed and was not taken yet.
        var drains: Set<String>?
        var commits = Histogram(bounds: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10])
    }

    /// Starts the thread.
    ///
    /// More than `limits` may wait for the disk only when a single turn of the loop brought them.
    init(_ store: Store, run: String, limits: StoreLimits = StoreLimits()) throws {
        self.store = store
        self.run = run
        self.limits = limits
        wakeUp = try WakeUp()
        try thread.withLock { $0 = try NamedThread("mae-store") { self.work() } }
    }

    func isFull(with bytes: Int) -> Bool {
        state.withLock { $0.unwritten >= limits.results || $0.unwrittenBytes + bytes >= limits.bytes }
    }

    var unwritten: Int { state.withLock { $0.unwritten } }

    var commits: Histogram { state.withLock { $0.commits } }

    func takeDrains() -> Set<String>? {
        state.withLock { state in
            defer { state.drains = nil }
            return state.drains
        }
    }

    func post(_ changes: Changes, acknowledging leases: [Lease]) {
        let bytes = changes.resultBytes
        state.change { state in
            state.changes.append(changes)
            state.leases += leases
            state.unwritten += leases.count
            state.unwrittenBytes += bytes
        }
    }

    func takeStored() throws -> [Lease] {
        wakeUp.clear()
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            defer { state.stored = [] }
            return state.stored
        }
    }

    /// Returns when everything posted is durable.
    func flush() throws {
        state.wait { $0.failure == nil && ($0.isWriting || !$0.changes.isEmpty) ? nil : () }
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    func results() throws -> RunResults {
        try flush()
        return try store.runResults(of: run)
    }

    /// Ends the thread once everything posted is written, and waits for that.
    ///
    /// - Throws: what the store threw.
    func stop() throws {
        state.change { $0.isStopped = true }
        try thread.withLock { $0 }?.join()
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    private func work() {
        var watch = DrainWatch()
        while true {
            do {
                if let drains = try watch.look(at: store) {
                    state.withLock { $0.drains = drains }
                    wakeUp.signal()
                }
            } catch {
                state.change { $0.failure = error }
                return wakeUp.signal()
            }
            switch next() {
            case .write(let changes, let leases): write(changes, leases)
            case .look: break
            case .stop: return
            }
        }
    }

    private func write(_ changes: Changes, _ leases: [Lease]) {
        let start = ContinuousClock.now
        let result = Result { try store.record(changes, run: run) }
        let bytes = changes.resultBytes
        state.change { state in
            state.isWriting = false
            state.unwritten -= leases.count
            state.unwrittenBytes -= bytes
            state.commits.note(ContinuousClock.now - start)
            switch result {
            case .success: state.stored += leases
            case .failure(let error): state.failure = error
            }
        }
        wakeUp.signal()
    }

    private enum Step {
        case write(Changes, [Lease])
        case look
        case stop
    }

    /// Waits for something to write, or until it is time to look for orders.
    private func next() -> Step {
        let step = state.wait(atMost: DrainWatch.interval) { state -> Step? in
            if state.failure != nil { return .stop }
            guard !state.changes.isEmpty else { return state.isStopped ? .stop : nil }
            let step = Step.write(state.changes, state.leases)
            (state.changes, state.leases, state.isWriting) = (Changes(), [], true)
            return step
        }
        return step ?? .look
    }
}

/// What may wait for the disk before no more results are taken in.
public struct StoreLimits: Sendable {
    /// Results.
    public var results = 4096
    /// Bytes of their tensors and lists.
    public var bytes = 256 << 20
}

extension Changes {
    fileprivate var resultBytes: Int { results.reduce(0) { $0 + $1.byteCount } }
}

extension ResultRecord {
    /// About how many bytes it holds, of which a peer decides.
    var byteCount: Int {
        let examination = observation.examination
        let elements =
            observation.pooled.count + (observation.layernorm?.count ?? 0)
            + (examination?.output?.values.count ?? 0) + (examination?.states?.count ?? 0)
        let lines =
            (observation.weights.fingerprints?.count ?? 0) + (observation.layers?.states.count ?? 0)
            + (examination.map { $0.images.count + $0.operations.count * ($0.repetitions.count + 1) } ?? 0)
        return 4 * elements + 256 * (lines + 1)
    }
}
