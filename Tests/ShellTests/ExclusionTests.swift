import MAECluster
import MAEDomain
import Testing

@testable import MAECoordinator

@Suite("For how long a peer is kept out")
struct ExclusionTests {
    private let start = Instant(sinceOrigin: .seconds(100))

    @Test(
        "a key is kept out twice as long each time, up to five minutes, and after ten minutes it begins from the start")
    func growing() {
        var exclusions = Exclusions()
        let peer = Peer(route: [1], identity: [7])
        var now = start
        var durations: [Int] = []
        for _ in 0..<9 {
            let duration = exclusions.add(peer, now: now)
            durations.append(Int(duration / .seconds(1)))
            #expect(exclusions.contains(Peer(route: [2], identity: [7]), now: now + (duration - .milliseconds(1))))
            now = now + duration
            #expect(!exclusions.contains(peer, now: now))
        }
        #expect(durations == [5, 10, 20, 40, 80, 160, 300, 300, 300])
        #expect(exclusions.add(Peer(route: [1], identity: [8]), now: now) == .seconds(5))
        #expect(exclusions.add(peer, now: now + .seconds(601)) == .seconds(5))
    }

    @Test("without keys a connection is kept out for the shortest time, and forgotten")
    func withoutKeys() {
        var exclusions = Exclusions()
        let peer = Peer(route: [1])
        for round in 0..<3 {
            #expect(exclusions.add(peer, now: start + .seconds(10 * round)) == .seconds(5))
        }
        #expect(!exclusions.contains(Peer(route: [2]), now: start))
    }

    @Test("each connection of a key that is kept out is to be cut once")
    func connections() {
        var exclusions = Exclusions()
        _ = exclusions.add(Peer(route: [1], identity: [7]), now: start)
        for route: UInt8 in 1...8 {
            let peer = Peer(route: [route], identity: [7])
            let first = exclusions.takesCut(peer)
            let second = exclusions.takesCut(peer)
            #expect(first && !second)
        }
        let other = exclusions.takesCut(Peer(route: [1], identity: [8]))
        #expect(!other)
    }
}
