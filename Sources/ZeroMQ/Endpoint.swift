/// What an endpoint says of who can reach it, and how.
public enum Endpoint {
    /// Whether only programs of this machine can reach an endpoint: loopback addresses, socket files and inproc names.
    ///
    /// Names are not looked up: `localhost` is local, any other name is not.
    public static func isLocal(_ endpoint: String) -> Bool {
        if endpoint.hasPrefix("ipc://") || endpoint.hasPrefix("inproc://") { return true }
        guard endpoint.hasPrefix("tcp://") else { return false }
        let address = endpoint.dropFirst("tcp://".count)
        guard let colon = address.lastIndex(of: ":") else { return false }
        let host = address[..<colon]
        return host == "localhost" || host == "[::1]" || isLoopbackIPv4(host)
    }

    /// The socket file of an endpoint; nil for other transports, for names that are no file (`ipc://@name`), and for `ipc://*`,
    /// with which libzmq makes a folder of its own.
    public static func socketFile(_ endpoint: String) -> String? {
        let scheme = "ipc://"
        guard endpoint.hasPrefix(scheme) else { return nil }
        let path = String(endpoint.dropFirst(scheme.count))
        return path.hasPrefix("@") || path == "*" || path.isEmpty ? nil : path
    }

    /// Whether every account of this machine reaches an endpoint that other machines do not: loopback addresses, and names of
    /// sockets that are no files.
    public static func isOpenToAccounts(_ endpoint: String) -> Bool {
        isLocal(endpoint) && (endpoint.hasPrefix("tcp://") || endpoint.hasPrefix("ipc://@"))
    }

    /// Where this machine reaches a socket that listens at all its addresses; with `host`, where machines do that know this
    /// one by that name.
    public static func reachable(_ endpoint: String, host: String? = nil) -> String {
        for (all, loopback) in [("tcp://0.0.0.0:", "127.0.0.1"), ("tcp://[::]:", "[::1]")] where endpoint.hasPrefix(all)
        {
            return "tcp://\(host ?? loopback):\(endpoint.dropFirst(all.count))"
        }
        return endpoint
    }

    /// Four numbers, the first of them 127: a name such as `127.example.org` is none.
    private static func isLoopbackIPv4(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
