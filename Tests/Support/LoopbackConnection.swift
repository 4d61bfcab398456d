import Glibc

/// A TCP connection to a port of this machine, for tests that write to the wire themselves; closed with the last reference.
public final class LoopbackConnection: Sendable {
    let descriptor: CInt

    /// Connects to `tcp://127.0.0.1:PORT` from `127.0.0.source`; nil when no socket listens there.
    public init?(_ endpoint: String, from source: UInt8 = 1) {
        guard let port = endpoint.split(separator: ":").last.flatMap({ UInt16($0) }) else { return nil }
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = (UInt32(0x7F00_0000) | UInt32(source)).bigEndian
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound else { return nil }
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return nil }
    }

    /// A connection that was accepted.
    init(accepted descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Whether the other end has broken the connection off; takes what it sent before.
    public var isCut: Bool {
        var bytes = [UInt8](repeating: 0, count: 256)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, CInt(MSG_DONTWAIT))
            if count <= 0 { return count == 0 || (errno != EAGAIN && errno != EINTR) }
        }
    }

    /// Breaks the connection off with a reset, as closing one does over which something came that was not read.
    public func reset() {
        var nowhere = sockaddr()
        nowhere.sa_family = sa_family_t(AF_UNSPEC)
        _ = connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
    }

    /// Sends all of `bytes`, which are few; false when they cannot leave.
    public func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count
    }

    /// Sends all of `bytes`, waiting until there is room; false when the connection ends.
    func sendAll(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                let count = Glibc.send(descriptor, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
                guard count > 0 || errno == EINTR else { return false }
                sent += max(count, 0)
            }
            return true
        }
    }
}
