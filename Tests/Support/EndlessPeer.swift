import Glibc

/// A peer of ZMTP 3 without keys that begins a message and never ends it.
///
/// It writes to the wire itself: libzmq would not send a frame of a message before its last one is there.
public final class EndlessPeer {
    private let connection: LoopbackConnection
    private let frame: [UInt8]
    /// What of the frame under way has not been sent.
    private var rest: ArraySlice<UInt8> = []
    private var received: [UInt8] = []
    /// All bytes that were sent so far.
    public private(set) var sentBytes = 0

    /// Connects to `tcp://127.0.0.1:PORT` as a DEALER; its frames have `frameBytes` each.
    public convenience init?(_ endpoint: String, frameBytes: Int) {
        // Flags: more follows, and the length has eight bytes.
        self.init(
            endpoint,
            repeating: [3] + withUnsafeBytes(of: UInt64(frameBytes).bigEndian, Array.init)
                + [UInt8](repeating: 5, count: frameBytes))
    }

    /// Connects likewise; it sends `frame`, with its flags and its length, over and over.
    public init?(_ endpoint: String, repeating frame: [UInt8]) {
        guard let connection = LoopbackConnection(endpoint) else { return nil }
        self.connection = connection
        // Small ones are sent many at a time.
        self.frame = Array(repeatElement(frame, count: max(65536 / frame.count, 1)).joined())
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

    private func receive(_ count: Int) -> Bool {
        received = [UInt8](repeating: 0, count: count)
        return recv(connection.descriptor, &received, count, CInt(MSG_WAITALL)) == count
    }

    /// Sends until the other end has cut the connection.
    ///
    /// Throws ``WaitedInVain`` when it does not.
    public func sendUntilCut() throws { try blockUntil("the connection is cut") { !send(atMost: 1 << 20) } }

    /// Sends until the other end takes no more just now, or `bytes` are through; false once it has cut the connection.
    public func send(atMost bytes: Int) -> Bool {
        var sent = 0
        while sent < bytes {
            if rest.isEmpty { rest = frame[...] }
            let count = rest.withUnsafeBytes {
                Glibc.send(
                    connection.descriptor, $0.baseAddress, min($0.count, bytes - sent),
                    CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return errno == EAGAIN || errno == EINTR }
            rest = rest.dropFirst(count)
            sent += count
            sentBytes += count
        }
        return true
    }
}
