import Glibc

/// What is wrong with an endpoint as a person wrote it, with the right form.
public struct EndpointFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// A sentence without the endpoint itself, which goes before it.
    public let description: String

    init(_ what: String, form: String = "write it as tcp://HOST:PORT or ipc://PATH") {
        description = form.isEmpty ? what : "\(what); \(form)"
    }
}

extension Endpoint {
    /// Bytes of a path that a socket file can have, without the 0 at its end: `sun_path` in unix(7).
    public static let mostPathBytes = 107
    /// Bytes of a name that can be looked up (RFC 1035).
    private static let mostNameBytes = 253
    private static let formOfIPv6 = "write it as tcp://[ADDRESS]:PORT"

    /// Reads an endpoint whole; nothing is looked up or opened.
    ///
    /// - Throws: ``EndpointFault``
    public init(_ text: String, for use: Use) throws(EndpointFault) {
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw EndpointFault("holds a control character")
        }
        guard let mark = text.firstRange(of: "://") else { throw Self.withoutScheme(text, use) }
        let rest = text[mark.upperBound...]
        switch text[..<mark.lowerBound] {
        case "tcp": place = try Self.tcp(rest, use)
        case "ipc": place = try Self.ipc(rest, use)
        case "inproc" where !rest.isEmpty: place = .inproc(name: String(rest))
        default: throw EndpointFault("this transport is not used here")
        }
    }

    /// Reads an endpoint that other processes can reach.
    ///
    /// - Throws: ``EndpointFault``
    public init(betweenProcesses text: String, for use: Use) throws(EndpointFault) {
        try self.init(text, for: use)
        if case .inproc = place { throw EndpointFault("this transport is not used here") }
    }

    /// The same with the folder in front of a relative path, so that it is the same file in every folder; unchanged where the
    /// whole path has more bytes than a socket file can have.
    public func absolute(in folder: String) -> Endpoint {
        guard case .file(let path) = place, !path.hasPrefix("/") else { return self }
        let whole =
            (folder.hasSuffix("/") ? folder : folder + "/") + (path.hasPrefix("./") ? String(path.dropFirst(2)) : path)
        return whole.utf8.count <= Self.mostPathBytes ? Endpoint(.file(path: whole)) : self
    }

    private static func withoutScheme(_ text: String, _ use: Use) -> EndpointFault {
        guard (try? tcp(text[...], use)) != nil else { return EndpointFault("is no endpoint") }
        return EndpointFault("write tcp://\(text)", form: "(an endpoint is tcp://HOST:PORT or ipc://PATH)")
    }

    private static func tcp(_ address: Substring, _ use: Use) throws(EndpointFault) -> Place {
        var host = address
        var port: Substring?
        if address.hasPrefix("[") {
            guard let end = address.firstIndex(of: "]") else {
                throw EndpointFault("lacks the ] of an IPv6 address", form: formOfIPv6)
            }
            host = address[...end]
            let rest = address[address.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw EndpointFault("has `\(rest)` after the ] of an address", form: formOfIPv6)
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = address.lastIndex(of: ":") {
            host = address[..<colon]
            port = address[address.index(after: colon)...]
        }
        guard let port else { throw EndpointFault("names no port") }
        return .tcp(try Self.host(host, use), try Self.port(port, use))
    }

    private static func host(_ text: Substring, _ use: Use) throws(EndpointFault) -> Host {
        if text.isEmpty { throw EndpointFault("names no host") }
        if text == "*" {
            guard use == .listening else {
                throw EndpointFault("* is an address to listen at; name the coordinator's host")
            }
            return .every
        }
        if text.hasPrefix("[") {
            let address = String(text.dropFirst().dropLast())
            // A link-local address has its interface behind it: fe80::1%eth0.
            let number = String(address.prefix { $0 != "%" })
            var bytes = in6_addr()
            guard inet_pton(AF_INET6, number, &bytes) == 1, !address.hasSuffix("%") else {
                throw EndpointFault("[\(address)] is no IPv6 address", form: formOfIPv6)
            }
            return .ipv6(address)
        }
        if text.contains(":") {
            throw EndpointFault("an IPv6 address stands in brackets", form: formOfIPv6)
        }
        if text.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") }) {
            var bytes = in_addr()
            guard inet_pton(AF_INET, String(text), &bytes) == 1 else {
                throw EndpointFault("\(text) is no IPv4 address")
            }
            return .ipv4(String(text))
        }
        guard text.utf8.count <= mostNameBytes, text.utf8.allSatisfy(isOfName) else {
            throw EndpointFault("`\(text)` is no name of a host")
        }
        return .name(String(text))
    }

    private static func port(_ text: Substring, _ use: Use) throws(EndpointFault) -> Port {
        if text == "*", use == .listening { return .any }
        guard text.utf8.allSatisfy(isDigit), let number = UInt16(text), number > 0 else {
            let any = use == .listening ? ", or * for a free one" : ""
            guard !text.isEmpty else { throw EndpointFault("names no port") }
            let isNumber = text.utf8.allSatisfy(isDigit)
            throw EndpointFault(
                "\(isNumber ? "port \(text)" : "\(text.debugDescription) is no port"): from 1 to 65535\(any)")
        }
        return .number(number)
    }

    private static func ipc(_ path: Substring, _ use: Use) throws(EndpointFault) -> Place {
        if path.isEmpty || path == "@" { throw EndpointFault("names no file") }
        if path == "*" {
            guard use == .listening else { throw EndpointFault("* is a file to listen at; name the coordinator's") }
            return .anyFile
        }
        guard path.utf8.count <= mostPathBytes else {
            throw EndpointFault(
                "the path has \(path.utf8.count) bytes, and that of a socket file has at most \(mostPathBytes)",
                form: "name a shorter one")
        }
        if path.hasPrefix("@") { return .abstract(name: String(path.dropFirst())) }
        guard !path.hasSuffix("/") else { throw EndpointFault("names a folder", form: "write it as ipc://FOLDER/FILE") }
        return .file(path: String(path))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Whether a byte may stand in the name of a host or of an interface.
    private static func isOfName(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
}
