import MAEVerify
import Synchronization

/// The peers that were turned away and why, for the report; threads of the socket add to it as well as the coordinator's.
final class RefusalList: Sendable {
    /// More entries than this are not kept: a flood of peers with unknown keys must not fill the memory.
    private static let maximumCount = 50
    /// So many processes of one entry are told apart; those beyond stay turned away, whatever becomes of them.
    private static let mostProcesses = 64

    private struct Entry {
        var peer: RefusedPeer
        /// How many of the refusals were of which process.
        var processes: [UInt64: Int] = [:]
    }

    private let list = Mutex<[Entry]>([])

    /// Notes that a peer was turned away; returns how often this has happened now, for the same reason.
    ///
    /// `process` is a worker's, as its Hello names it, which may be admitted later: see ``admit(_:)``.
    @discardableResult
    func add(peer: String = "", process: UInt64? = nil, _ reason: String) -> Int {
        list.withLock { entries in
            let known = entries.firstIndex { $0.peer.peer == peer && $0.peer.reason == reason }
            if known == nil {
                guard entries.count < Self.maximumCount else { return 1 }
                entries.append(Entry(peer: RefusedPeer(peer: peer, reason: reason)))
            } else if let known {
                entries[known].peer.count += 1
            }
            let index = known ?? entries.count - 1
            if let process,
                entries[index].processes[process] != nil || entries[index].processes.count < Self.mostProcesses
            {
                entries[index].processes[process, default: 0] += 1
            }
            return entries[index].peer.count
        }
    }

    /// Forgets the refusals of a process that takes part now: it waited for its name, or took another.
    func admit(_ process: UInt64) {
        list.withLock { entries in
            for index in entries.indices {
                guard let count = entries[index].processes.removeValue(forKey: process) else { continue }
                entries[index].peer.count -= count
            }
            entries.removeAll { $0.peer.count <= 0 }
        }
    }

    /// All peers that were turned away, in the order of the first time.
    var peers: [RefusedPeer] { list.withLock { $0.map(\.peer) } }
}
