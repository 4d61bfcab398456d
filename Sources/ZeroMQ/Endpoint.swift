/// What an endpoint says of who can reach it.
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

    /// Four numbers, the first of them 127: a name such as `127.example.org` is none.
    private static func isLoopbackIPv4(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
