/// What may be listened at without keys: only what other machines cannot reach.
enum Endpoint {
    /// Refuses an endpoint that other machines can reach.
    static func requireLocal(_ endpoint: String) throws(CoordinatorError) {
        guard !isLocal(endpoint) else { return }
        throw CoordinatorError(
            .openEndpoint,
            "\(endpoint) can be reached from other machines, and anyone there could take part: listen at "
                + "tcp://127.0.0.1:PORT, tcp://[::1]:PORT or ipc://PATH; keys for the network come with the hardening work"
        )
    }

    static func isLocal(_ endpoint: String) -> Bool {
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
