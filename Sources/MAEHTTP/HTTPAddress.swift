import Glibc

/// Where a server listens: an address of this machine, and a port.
public struct HTTPAddress: Sendable, Hashable, CustomStringConvertible {
    private static let form = "write it as ADDRESS:PORT, as in 127.0.0.1:9464 or [::1]:9464"

    /// The address as numbers, without the brackets of IPv6.
    public let host: String
    /// The port; 0 lets the system choose one.
    public let port: UInt16
    let isIPv6: Bool

    /// Reads `ADDRESS:PORT`.
    ///
    /// The address is IPv4, IPv6 in brackets, `localhost` for 127.0.0.1, or `*` for every IPv4 address; no name is looked up. A
    /// port `*` lets the system choose one.
    ///
    /// - Throws: ``HTTPError`` for other text, with the right form.
    public init(_ text: String) throws(HTTPError) {
        guard let colon = text.lastIndex(of: ":"), !text[..<colon].isEmpty else {
            throw HTTPError("names no address and port; \(Self.form)")
        }
        let port = text[text.index(after: colon)...]
        if port == "*" {
            self.port = 0
        } else {
            guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(port), number > 0 else {
                throw HTTPError("the port is a number from 1 to 65535, or * for a free one; \(Self.form)")
            }
            self.port = number
        }
        var host = String(text[..<colon])
        isIPv6 = host.hasPrefix("[") && host.hasSuffix("]")
        if isIPv6 { host = String(host.dropFirst().dropLast()) }
        if host == "localhost" { host = "127.0.0.1" }
        if host == "*" { host = "0.0.0.0" }
        guard let address = Self.canonical(host, isIPv6: isIPv6) else {
            throw HTTPError("names no address of this machine in numbers; \(Self.form)")
        }
        self.host = address
    }

    private init(host: String, isIPv6: Bool, port: UInt16) {
        self.host = host
        self.isIPv6 = isIPv6
        self.port = port
    }

    /// Whether only this machine reaches it.
    public var isLoopback: Bool { isIPv6 ? host == "::1" : host.hasPrefix("127.") }

    /// `ADDRESS:PORT`, as in a URL.
    public var description: String { (isIPv6 ? "[\(host)]" : host) + ":\(port == 0 ? "*" : "\(port)")" }

    /// Where a browser of this machine finds it: a server at every address is at 127.0.0.1 too.
    public var url: String {
        switch host {
        case "0.0.0.0": "http://127.0.0.1:\(port)/"
        case "::": "http://[::1]:\(port)/"
        default: "http://\(self)/"
        }
    }

    /// The same address with another port.
    func with(port: UInt16) -> HTTPAddress { HTTPAddress(host: host, isIPv6: isIPv6, port: port) }

    /// Whether the `Host` of a request names a machine by its address, or as `localhost`.
    static func isNumeric(hostField: String) -> Bool {
        if hostField.hasPrefix("[") {
            guard let end = hostField.firstIndex(of: "]") else { return false }
            return canonical(String(hostField[hostField.index(after: hostField.startIndex)..<end]), isIPv6: true) != nil
        }
        let name = String(hostField.prefix { $0 != ":" })
        return name.lowercased() == "localhost" || canonical(name, isIPv6: false) != nil
    }

    /// An address in numbers in its one form; nil for other text.
    private static func canonical(_ text: String, isIPv6: Bool) -> String? {
        var bytes = in6_addr()
        let family = isIPv6 ? AF_INET6 : AF_INET
        // A zero would end the text for C, and hide what follows it.
        guard !text.utf8.contains(0), inet_pton(family, text, &bytes) == 1 else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, &bytes, &buffer, socklen_t(buffer.count)) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Calls `body` with the address as the system takes it.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            return Self.withErased(&address, body)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return Self.withErased(&address, body)
    }

    /// The port that the system gave to a socket; nil when it does not tell.
    static func port(of descriptor: CInt) -> UInt16? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            let found = storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
            guard found == 0 else { return nil }
            // Both families have the port in one place.
            return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt16(bigEndian: $0.pointee.sin_port)
            }
        }
    }

    private static func withErased<Address, Result>(
        _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
