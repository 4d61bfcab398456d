import DequeModule
import MAECluster
import MAEWire

/// Which chunk goes out next: peers take turns, so that one with many requests does not hold up the others.
struct ChunkQueue {
    /// Chunks on their way to one worker.
    static let chunksPerPeer = 4
    /// Requests that wait, of all workers and of one; a worker asks again for what was dropped.
    static let mostRequests = 1 << 14
    static let requestsPerPeer = 32

    private struct Asker {
        var waiting: Deque<ChunkRequest> = []
        /// What waits or is on its way: a worker that asks again, since it has waited long, gets it once.
        var wanted: Set<ChunkRequest> = []
        var inFlight = 0
        /// Whether it stands among `turns`.
        var hasTurn = false
    }

    private var askers: [Peer: Asker] = [:]
    private var turns: Deque<Peer> = []
    /// Requests that wait.
    private(set) var count = 0

    /// Whether a chunk could go out.
    var isReady: Bool { !turns.isEmpty }

    /// Whether a request would be taken in: it is not there already, and its sender has not too many.
    func takes(_ request: ChunkRequest, from peer: Peer) -> Bool {
        guard count < Self.mostRequests, let asker = askers[peer] else { return count < Self.mostRequests }
        return asker.waiting.count < Self.requestsPerPeer && !asker.wanted.contains(request)
    }

    /// Takes in a request, unless it is there already or its sender has too many.
    mutating func add(_ request: ChunkRequest, from peer: Peer) {
        guard takes(request, from: peer) else { return }
        update(peer) { asker in
            asker.wanted.insert(request)
            asker.waiting.append(request)
            return 1
        }
    }

    /// The request whose turn it is, which is on its way from now on; nil when none may go out.
    mutating func next() -> (request: ChunkRequest, peer: Peer)? {
        while let peer = turns.popFirst() {
            var next: ChunkRequest?
            update(peer) { asker in
                asker.hasTurn = false
                next = asker.waiting.popFirst()
                guard next != nil else { return 0 }
                asker.inFlight += 1
                return -1
            }
            if let next { return (next, peer) }
        }
        return nil
    }

    /// Notes that a chunk has left, or could not be sent.
    mutating func finish(_ request: ChunkRequest, of peer: Peer) {
        update(peer) { asker in
            asker.inFlight -= 1
            asker.wanted.remove(request)
            return 0
        }
    }

    /// Forgets what all peers with an identity wait for.
    mutating func drop(_ identity: [UInt8]) {
        for peer in askers.keys where peer.identity == identity {
            update(peer) { asker in
                asker.wanted.subtract(asker.waiting)
                defer { asker.waiting = [] }
                return -asker.waiting.count
            }
        }
    }

    /// Changes what is known of a peer; `change` returns by how many requests more wait.
    private mutating func update(_ peer: Peer, _ change: (inout Asker) -> Int) {
        var asker = askers[peer] ?? Asker()
        count += change(&asker)
        if !asker.hasTurn, !asker.waiting.isEmpty, asker.inFlight < Self.chunksPerPeer {
            asker.hasTurn = true
            turns.append(peer)
        }
        askers[peer] = asker.waiting.isEmpty && asker.inFlight == 0 && !asker.hasTurn ? nil : asker
    }
}
