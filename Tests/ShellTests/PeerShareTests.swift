import MAECluster
import MAEDomain
import Testing

@testable import MAECoordinator

@Suite("What a peer may take of the coordinator's time")
struct PeerShareTests {
    private let start = Instant(sinceOrigin: .seconds(100))

    /// How many messages a peer may send at `now`, 5000 at most.
    private func messages(_ shares: inout PeerShares, _ peer: Peer, at now: Instant, bytes: Int = 100) -> Int {
        var count = 0
        while count < 5000, shares.charge(PeerShares.cost(bytes: bytes), to: peer, now: now) { count += 1 }
        return count
    }

    @Test("a peer has so much credit, which comes back with time and never grows beyond it")
    func credit() {
        var shares = PeerShares()
        let peer = Peer(route: [1], identity: [7])
        #expect(messages(&shares, peer, at: start) == 1023)
        #expect(messages(&shares, peer, at: start) == 0)
        #expect(messages(&shares, peer, at: start + .seconds(2)) == 127)
        #expect(messages(&shares, peer, at: start + .seconds(1000)) == 1023)
    }

    @Test("all connections of a key have one share, and without keys each connection has its own")
    func accounts() {
        var shares = PeerShares()
        _ = messages(&shares, Peer(route: [1], identity: [7]), at: start)
        #expect(messages(&shares, Peer(route: [2], identity: [7]), at: start) == 0)
        #expect(messages(&shares, Peer(route: [2], identity: [8]), at: start) == 1023)
        _ = messages(&shares, Peer(route: [1]), at: start)
        #expect(messages(&shares, Peer(route: [2]), at: start) == 1023)
    }

    @Test("a large message costs more, and no message so much that one alone is too many")
    func size() {
        var shares = PeerShares()
        #expect(messages(&shares, Peer(route: [1]), at: start, bytes: 2 << 20) == 1024 / 33)
        #expect(messages(&shares, Peer(route: [2]), at: start, bytes: 256 << 20) == 1)
    }

    @Test("a worker that sends what honest ones do, for an hour, is never over its share")
    func honest() {
        var shares = PeerShares()
        let peer = Peer(route: [1], identity: [7])
        for second in 0..<3600 {
            // Heartbeats, and now and then results that were taken in before, sent again over a new connection.
            var isWithin = shares.charge(1, to: peer, now: start + .seconds(second))
            if second.isMultiple(of: 60) {
                for _ in 0..<16 {
                    isWithin = shares.charge(PeerShares.cost(bytes: 60_000), to: peer, now: start + .seconds(second))
                }
            }
            guard isWithin else {
                Issue.record("over its share after \(second) s")
                return
            }
        }
    }
}
