import Glibc

/// Where a peer is, as far as it counts for limits: an IPv4 address, the network of an IPv6 address, or this machine.
///
/// Whoever has an IPv6 address mostly has the 2^64 of its network too.
public struct PeerAddress: Sendable, Hashable, CustomStringConvertible {
    private enum Form: Hashable { case local, v4, v6 }

    private let form: Form
    /// In the order of the network: 4 bytes of IPv4, 8 of IPv6.
    private let number: UInt64

    /// The address of the other end of a connection; one that is not TCP is local.
    ///
    /// Nil where the connection is over: then the system knows no address any more, and to take it for a local one would count
    /// what strangers did to this machine.
    init?(ofPeerAt descriptor: CInt) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
        }
        guard result == 0 else { return nil }
        let bytes = withUnsafeBytes(of: storage, Array.init)
        // Both kinds of address begin with the family and the port.
        switch CInt(storage.ss_family) {
        case AF_INET: (form, number) = (.v4, Self.number(bytes[4..<8]))
        case AF_INET6 where bytes[8..<20] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]:
            (form, number) = (.v4, Self.number(bytes[20..<24]))
        case AF_INET6: (form, number) = (.v6, Self.number(bytes[8..<16]))
        default: (form, number) = (.local, 0)
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }

    /// `10.0.0.7`, `2001:db8:0:1::/64` or `this machine`.
    public var description: String {
        func parts(_ count: Int, bits: Int) -> [UInt64] {
            (0..<count).map { number >> UInt64(bits * (count - 1 - $0)) & (1 << UInt64(bits) - 1) }
        }
        return switch form {
        case .local: "this machine"
        case .v4: parts(4, bits: 8).map(String.init).joined(separator: ".")
        case .v6: parts(4, bits: 16).map { String($0, radix: 16) }.joined(separator: ":") + "::/64"
        }
    }
}
