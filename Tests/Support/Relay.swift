import Foundation
import Glibc
import Synchronization

/// Passes TCP connections on to a port of this machine, and holds back what comes from there beyond a number of bytes.
///
/// So a transfer stops where a test wants it to, however fast the machine is. It ends with the last reference.
public final class Relay: Sendable {
    /// `tcp://127.0.0.1:PORT`: what to connect to in place of the target.
    public let endpoint: String
    private let listener: CInt
    private let gate: Gate

    /// What may pass, on all connections.
    private final class Gate: Sendable {
        let limit: Int
        let isOpen = Atomic(false)

        init(limit: Int) { self.limit = limit }

        /// Returns when the byte number `count` of a connection may pass.
        func wait(for count: Int) throws {
            try blockUntil("the relay lets everything through") {
                count <= limit || isOpen.load(ordering: .acquiring)
            }
        }
    }

    /// Listens for connections to be passed on to `tcp://127.0.0.1:PORT`; nil where the system refuses.
    ///
    /// On each of them `limit` bytes come from there until ``release()``; the other way everything passes.
    public init?(to target: String, holdingBeyond limit: Int) {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        guard isListening else {
            close(listener)
            return nil
        }
        let gate = Gate(limit: limit)
        self.listener = listener
        self.gate = gate
        endpoint = "tcp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        Thread.detachNewThread { Self.serve(listener, target, gate) }
    }

    deinit {
        release()
        // The thread closes it.
        shutdown(listener, CInt(SHUT_RDWR))
    }

    /// Lets everything through from now on.
    public func release() { gate.isOpen.store(true, ordering: .releasing) }

    private static func serve(_ listener: CInt, _ target: String, _ gate: Gate) {
        while true {
            let accepted = accept(listener, nil, nil)
            if accepted < 0, errno == EINTR || errno == ECONNABORTED { continue }
            guard accepted >= 0 else { break }
            let near = LoopbackConnection(accepted: accepted)
            // Where no socket listens at the moment, the connection ends, and its maker tries again.
            guard let far = LoopbackConnection(target) else { continue }
            Thread.detachNewThread { Self.pump(from: near, to: far, nil) }
            Thread.detachNewThread { Self.pump(from: far, to: near, gate) }
        }
        close(listener)
    }

    /// Passes on what comes over one connection, until one of the two ends.
    private static func pump(from source: LoopbackConnection, to sink: LoopbackConnection, _ gate: Gate?) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var passed = 0
        while true {
            let count = recv(source.descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            passed += count
            do { try gate?.wait(for: passed) } catch { break }
            guard sink.sendAll(buffer[..<count]) else { break }
        }
        for end in [source, sink] { shutdown(end.descriptor, CInt(SHUT_RDWR)) }
    }
}
