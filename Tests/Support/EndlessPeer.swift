import Glibc

/// A peer of ZMTP 3 without keys that begins a message and never ends it.
///
/// It writes to the wire itself: libzmq would not send a frame of a message before its last one is there.
public final class EndlessPeer {
    private let descriptor: CInt
    private let frame: [UInt8]
    /// What of the frame under way has not been sent.
    private var rest: ArraySlice<UInt8> = []
    private var received: [UInt8] = []

    /// Connects to `tcp://127.0.0.1:PORT` as a DEALER; its frames have `frameBytes` each.
    public init?(_ endpoint: String, frameBytes: Int) {
        guard let port = endpoint.split(separator: ":").last.flatMap({ UInt16($0) }) else { return nil }
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        self.descriptor = descriptor
        // Flags: more follows, and the length has eight bytes.
        frame =
            [3] + withUnsafeBytes(of: UInt64(frameBytes).bigEndian, Array.init)
            + [UInt8](repeating: 5, count: frameBytes)
        guard isConnected else { return nil }
        let greeting: [UInt8] =
            [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3, 0] + Array("NULL".utf8)
            + [UInt8](repeating: 0, count: 48)
        let properties =
            [11] + Array("Socket-Type".utf8) + [0, 0, 0, 6] + Array("DEALER".utf8) + [8] + Array("Identity".utf8)
            + [0, 0, 0, 0]
        let ready = [5] + Array("READY".utf8) + properties
        rest = (greeting + [4, UInt8(ready.count)] + ready)[...]
        let handshake = rest.count
        // Messages may follow only once the other end is ready too, which its own greeting and READY tell.
        guard send(atMost: handshake), receive(66), receive(Int(received[65])) else { return nil }
    }

    deinit { close(descriptor) }

    private func receive(_ count: Int) -> Bool {
        received = [UInt8](repeating: 0, count: count)
        return recv(descriptor, &received, count, CInt(MSG_WAITALL)) == count
    }

    /// Sends until the other end takes no more just now, or `bytes` are through; false once it has cut the connection.
    public func send(atMost bytes: Int) -> Bool {
        var sent = 0
        while sent < bytes {
            if rest.isEmpty { rest = frame[...] }
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return errno == EAGAIN || errno == EINTR }
            rest = rest.dropFirst(count)
            sent += count
        }
        return true
    }
}
