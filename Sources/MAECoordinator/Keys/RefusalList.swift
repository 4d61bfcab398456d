import MAEVerify
import Synchronization

/// Who was turned away and why, for the report; threads of the socket add to it as well as the coordinator's own.
final class RefusalList: Sendable {
    /// More kinds than this are not kept: a flood of strangers with keys of their own must not fill the memory.
    private static let most = 50

    private let peers = Mutex<[RefusedPeer]>([])

    /// Notes that a peer was turned away; returns how often this has happened now, for the same reason.
    @discardableResult
    func add(peer: String = "", _ reason: String) -> Int {
        peers.withLock { peers in
            if let index = peers.firstIndex(where: { $0.peer == peer && $0.reason == reason }) {
                peers[index].count += 1
                return peers[index].count
            }
            guard peers.count < Self.most else { return 1 }
            peers.append(RefusedPeer(peer: peer, reason: reason))
            return 1
        }
    }

    /// All peers that were turned away, in the order of the first time.
    var refused: [RefusedPeer] { peers.withLock(\.self) }
}
