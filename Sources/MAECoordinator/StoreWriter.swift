import Foundation
import MAECluster
import MAEStore
import Synchronization
import ZeroMQ

/// Writes to the store on a thread of its own, so that the coordinator goes on listening while the disk is waited for.
///
/// What was posted while one transaction was under way makes up the next one: the slower the disk, the more results share
/// one wait.
final class StoreWriter: Sendable {
    /// Signalled whenever something was written.
    let wakeUp: WakeUp
    private let store: Store
    private let run: String
    private let condition = NSCondition()
    private let state = Mutex(State())

    private struct State {
        var changes = Changes()
        /// Leases whose results are among the changes.
        var leases: [Lease] = []
        /// Leases whose results are on the disk, not taken yet.
        var stored: [Lease] = []
        var isWriting = false
        var isStopped = false
        var failure: (any Error)?
        /// Results that are posted or being written.
        var unwritten = 0
    }

    /// Results that may wait for the disk.
    private static let mostUnwritten = 4096

    /// Starts the thread.
    init(_ store: Store, run: String) throws(ZeroMQError) {
        self.store = store
        self.run = run
        wakeUp = try WakeUp()
        Thread.detachNewThread { self.work() }
    }

    /// Whether so many results wait for the disk that no more should be taken in.
    var isFull: Bool { state.withLock { $0.unwritten >= Self.mostUnwritten } }

    /// Hands over what is to be recorded; `leases` are those whose results are in it.
    func post(_ changes: Changes, acknowledging leases: [Lease]) {
        state.withLock { state in
            state.changes.append(changes)
            state.leases += leases
            state.unwritten += leases.count
        }
        signal()
    }

    /// The leases whose results have become durable since the last call.
    ///
    /// - Throws: what the store threw; nothing is written after that.
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
        condition.lock()
        while state.withLock({ $0.failure == nil && ($0.isWriting || !$0.changes.isEmpty) }) { condition.wait() }
        condition.unlock()
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    /// Ends the thread once everything posted is written.
    func stop() {
        state.withLock { $0.isStopped = true }
        signal()
    }

    private func signal() {
        condition.lock()
        condition.broadcast()
        condition.unlock()
    }

    private func work() {
        while let (changes, leases) = next() {
            let result = Result { try store.record(changes, run: run) }
            state.withLock { state in
                state.isWriting = false
                state.unwritten -= leases.count
                switch result {
                case .success: state.stored += leases
                case .failure(let error): state.failure = error
                }
            }
            signal()
            wakeUp.signal()
        }
    }

    /// Waits for something to write; nil when there will be nothing more.
    private func next() -> (Changes, [Lease])? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let (work, isOver) = state.withLock { state -> ((Changes, [Lease])?, Bool) in
                if state.failure != nil { return (nil, true) }
                guard !state.changes.isEmpty else { return (nil, state.isStopped) }
                let work = (state.changes, state.leases)
                (state.changes, state.leases, state.isWriting) = (Changes(), [], true)
                return (work, false)
            }
            if let work { return work }
            if isOver { return nil }
            condition.wait()
        }
    }
}
