import Glibc

/// The kernel's socket of a connection that libzmq owns.
///
/// libzmq owns the descriptor and may close it at any time, and the system may give its number to something else. So
/// a socket is identified by the number that the kernel gives each one once (`SO_COOKIE`), which is checked before it is cut.
struct KernelSocket: Hashable {
    let descriptor: CInt
    /// Where the peer is.
    let peer: PeerAddress
    private let cookie: UInt64

    /// The socket behind a descriptor; nil when the descriptor is none, or is closed, or the peer has broken the connection off.
    init?(_ descriptor: CInt) {
        guard let cookie = Self.cookie(of: descriptor), let peer = PeerAddress(ofPeerAt: descriptor) else { return nil }
        self.descriptor = descriptor
        self.cookie = cookie
        self.peer = peer
    }

    /// Whether the descriptor still belongs to this socket.
    var isOpen: Bool { Self.cookie(of: descriptor) == cookie }

    /// What has passed over a connection, as the system knows it.
    struct Traffic {
        /// Bytes received in order.
        let received: Int
        /// Bytes sent that the other end has acknowledged.
        let acknowledged: Int
    }

    /// What has passed over the connection; nil when it is not TCP.
    var traffic: Traffic? {
        // `tcpi_bytes_acked` and `tcpi_bytes_received` in linux/tcp.h; glibc's own `tcp_info` ends before them.
        let offset = 120
        var information = [UInt8](repeating: 0, count: offset + 16)
        var length = socklen_t(information.count)
        guard getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &information, &length) == 0,
            length == information.count
        else { return nil }
        return information.withUnsafeBytes {
            Traffic(
                received: Int(clamping: $0.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)),
                acknowledged: Int(clamping: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
    }

    /// Breaks the connection off; libzmq then closes it and drops what it holds of it.
    ///
    /// Connecting to nowhere resets TCP at once, with what is on its way, where `shutdown` lets a peer that never pauses go
    /// on for a while. Socket files know only the latter.
    func cut() {
        guard isOpen else { return }
        var nowhere = sockaddr()
        nowhere.sa_family = sa_family_t(AF_UNSPEC)
        if connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size)) != 0 {
            shutdown(descriptor, CInt(SHUT_RDWR))
        }
    }

    private static func cookie(of descriptor: CInt) -> UInt64? {
        var cookie: UInt64 = 0
        var length = socklen_t(MemoryLayout<UInt64>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &length) == 0 ? cookie : nil
    }
}
