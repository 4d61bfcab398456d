import MAEVerify
import Synchronization

/// The peers that were turned away and why, for the report; threads of the socket add to it as well as the coordinator's.
final class RefusalList: Sendable {
    /// More entries than this are not kept: a flood of peers with unknown keys must not fill the memory.
    private static let maximumCount = 50

    private let list = Mutex<[RefusedPeer]>([])

    /// Notes that a peer was turned away; returns how often this has happened now, for the same reason.
    @discardableResult
    func add(peer: String = "", _ reason: String) -> Int {
        list.withLock { peers in
            if let index = peers.firstIndex(where: { $0.peer == peer && $0.reason == reason }) {
                peers[index].count += 1
                return peers[index].count
            }
            guard peers.count < Self.maximumCount else { return 1 }
            peers.append(RefusedPeer(peer: peer, reason: reason))
            return 1
        }
    }

    /// All peers that were turned away, in the order of the first time.
    var peers: [RefusedPeer] { list.withLock(\.self) }
}
