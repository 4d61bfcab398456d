/// What an endpoint says of who can reach it.
extension Endpoint {
    /// Whether only programs of this machine can reach it: loopback addresses, socket files and inproc names.
    ///
    /// Names are not looked up: `localhost` is local, any other name is not.
    public var isLocal: Bool {
        switch place {
        case .tcp(.ipv4(let address), _): address.hasPrefix("127.")
        case .tcp(.ipv6(let address), _): address == "::1"
        case .tcp(.name(let name), _): name == "localhost"
        case .tcp(.every, _): false
        case .file, .abstract, .anyFile, .inproc: true
        }
    }

    /// The socket file; nil for other transports, for names that are no file (`ipc://@name`), and for `ipc://*`, with which
    /// libzmq makes a folder of its own.
    public var socketFile: String? { if case .file(let path) = place { path } else { nil } }

    /// Whether it has a host and a port.
    public var isTCP: Bool { if case .tcp = place { true } else { false } }

    /// Whether every account of this machine reaches it and other machines do not: loopback addresses, and names of sockets
    /// that are no files.
    public var isOpenToAccounts: Bool {
        switch place {
        case .tcp: isLocal
        case .abstract: true
        case .file, .anyFile, .inproc: false
        }
    }

    /// The name or address of a host to look up; nil for what is no TCP endpoint.
    public var host: String? {
        switch place {
        case .tcp(.ipv4(let address), _), .tcp(.ipv6(let address), _), .tcp(.name(let address), _): address
        case .tcp(.every, _), .file, .abstract, .anyFile, .inproc: nil
        }
    }
}

extension Endpoint {
    /// As ``isLocal`` of an endpoint that is in use; false for what is none.
    public static func isLocal(_ text: String) -> Bool { inUse(text)?.isLocal ?? false }

    /// As ``socketFile`` of an endpoint that is in use; nil for what is none.
    public static func socketFile(_ text: String) -> String? { inUse(text)?.socketFile }

    /// As ``isOpenToAccounts`` of an endpoint that is in use; false for what is none.
    public static func isOpenToAccounts(_ text: String) -> Bool { inUse(text)?.isOpenToAccounts ?? false }

    /// Where this machine reaches a socket that listens at all its addresses; with `host`, where machines do that know this
    /// one by that name.
    public static func reachable(_ text: String, host: String? = nil) -> String {
        guard case .tcp(let listening, let port) = inUse(text)?.place else { return text }
        switch listening {
        case .ipv4("0.0.0.0"), .every: return "tcp://\(host ?? "127.0.0.1"):\(port)"
        case .ipv6("::"): return "tcp://\(host ?? "[::1]"):\(port)"
        case .ipv4, .ipv6, .name: return text
        }
    }

    /// The TCP endpoint with another host in place of its own: the name by which other machines reach this one.
    ///
    /// Other endpoints stay as they are.
    ///
    /// - Parameter host: a name or an address; an IPv6 address with its brackets or without.
    /// - Throws: ``EndpointFault`` for what is no host that can be connected to.
    public static func advertised(_ text: String, as host: String) throws(EndpointFault) -> String {
        guard case .tcp(_, let port) = inUse(text)?.place else { return text }
        let isBareIPv6 = host.contains(":") && !host.hasPrefix("[")
        return try Endpoint("tcp://\(isBareIPv6 ? "[\(host)]" : host):\(port)", for: .connecting).description
    }

    private static func inUse(_ text: String) -> Endpoint? { try? Endpoint(text, for: .listening) }
}
