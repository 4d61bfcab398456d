import Glibc
import Testing

@testable import ZeroMQ

@Suite("Addresses of peers")
struct PeerAddressTests {
    @Test("what is no TCP connection is on this machine; what is closed is nowhere")
    func local() throws {
        var ends: [CInt] = [0, 0]
        #expect(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        #expect(try #require(PeerAddress(ofPeerAt: ends[0])).description == "this machine")
        #expect(PeerAddress(ofPeerAt: -1) == nil)
    }
}

@Suite("Handshakes that come to nothing")
struct BrokenHandshakeTests {
    @Test("an address has so many at once, and more with time")
    func credit() throws {
        var ends: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        var limits = ConnectionLimits(pendingBytes: 0, pendingBytesInAll: 0)
        limits.brokenHandshakes = (atOnce: 10, perSecond: 2)
        var broken = BrokenHandshakes(limits)
        let address = try #require(PeerAddress(ofPeerAt: ends[0]))
        let start = ContinuousClock.now
        for _ in 0..<10 {
            #expect(!broken.isOver(address, now: start))
            broken.note(address, now: start)
        }
        #expect(broken.isOver(address, now: start))
        #expect(broken.isOver(address, now: start + .milliseconds(400)))
        #expect(!broken.isOver(address, now: start + .milliseconds(600)))
        for _ in 0..<100 { broken.note(address, now: start + .seconds(1)) }
        // A flood leaves no debt.
        #expect(!broken.isOver(address, now: start + .milliseconds(1600)))
    }
}
