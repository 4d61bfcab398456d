import Glibc
import TestSupport
import Testing

@testable import ZeroMQ

@Suite("The account of connections")
struct ConnectionAccountTests {
    /// A listening socket of this machine, whose connections the test gives the descriptors that it likes.
    private final class Listener {
        let descriptor: CInt
        let endpoint: String

        init() throws {
            descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isListening = withUnsafeMutablePointer(to: &address) { [descriptor] in
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
                        && getsockname(descriptor, $0, &size) == 0
                }
            }
            endpoint = "tcp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
            try #require(isListening)
        }

        deinit { close(descriptor) }

        /// A new connection: its other end, and its descriptor, which is `number` where that is named and closes what had it.
        func connect(as number: CInt? = nil) throws -> (peer: LoopbackConnection, descriptor: CInt) {
            let peer = try #require(LoopbackConnection(endpoint))
            let accepted = accept(descriptor, nil, nil)
            try #require(accepted >= 0)
            guard let number else { return (peer, accepted) }
            try #require(dup2(accepted, number) == number)
            close(accepted)
            return (peer, number)
        }
    }

    @Test("a descriptor that is used again at once is another connection, however late its events come")
    func usedAgain() throws {
        let site = try SecuritySite()
        var limits = ConnectionLimits(pendingBytes: .max, pendingBytesInAll: .max) { _ in }
        limits.brokenHandshakes = (atOnce: 1, perSecond: 0)
        let account = ConnectionAccount(limits, .server(site.keys, site.authenticator))
        let listener = try Listener()

        let first = try listener.connect()
        let descriptor = first.descriptor
        account.note(.accepted(descriptor))
        account.take(10, from: descriptor, [1], [])
        // The second has spoken before the end of the first is heard of, and its own beginning.
        let second = try listener.connect(as: descriptor)
        account.take(10, from: descriptor, [2], [])
        account.note(.disconnected(descriptor))
        account.note(.accepted(descriptor))
        let third = try listener.connect(as: descriptor)
        account.note(.disconnected(descriptor))
        account.note(.accepted(descriptor))
        #expect(account.thin().isEmpty, "neither of the two that spoke is counted as broken")

        // The third says nothing: that is counted, and the fourth is cut.
        let fourth = try listener.connect(as: descriptor)
        account.note(.disconnected(descriptor))
        account.note(.accepted(descriptor))
        #expect(account.thin().count == 1)
        close(descriptor)
        withExtendedLifetime((first.peer, second.peer, third.peer, fourth.peer)) {}
    }

    @Test("connections that are broken off before they are heard of are not counted to this machine")
    func resetAtOnce() throws {
        let site = try SecuritySite()
        var limits = ConnectionLimits(pendingBytes: .max, pendingBytesInAll: .max) { _ in }
        limits.brokenHandshakes = (atOnce: 1, perSecond: 0)
        let account = ConnectionAccount(limits, .server(site.keys, site.authenticator))
        let listener = try Listener()
        for _ in 0..<4 {
            let (peer, descriptor) = try listener.connect()
            peer.reset()
            // The reset has come once nothing is to be read any more.
            var byte: UInt8 = 0
            #expect(recv(descriptor, &byte, 1, 0) <= 0)
            account.note(.accepted(descriptor))
            close(descriptor)
            account.note(.disconnected(descriptor))
        }
        var ends: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        account.note(.accepted(ends[0]))
        #expect(account.thin().isEmpty, "a socket file's connection is not cut for what strangers did")
        close(ends[0])
        close(ends[1])
    }
}
