extension Endpoint {
    /// What is wrong with an endpoint as a person wrote it, with the remedy; nil when nothing is.
    ///
    /// Names are not looked up, and nothing is opened. Only one to listen at may leave its port to the system, as `*`.
    public static func fault(of endpoint: String, toListen: Bool) -> String? {
        let form = "write it as tcp://HOST:PORT or ipc://PATH"
        if endpoint.hasPrefix("ipc://") { return endpoint == "ipc://" ? "names no file; \(form)" : nil }
        guard endpoint.hasPrefix("tcp://") else {
            if endpoint.contains("://") { return "this transport is not used here; \(form)" }
            guard let port = endpoint.split(separator: ":").last, endpoint.contains(":"), isPort(port, toListen) else {
                return "is no endpoint; \(form)"
            }
            return "write tcp://\(endpoint) (an endpoint is tcp://HOST:PORT or ipc://PATH)"
        }
        let address = endpoint.dropFirst("tcp://".count)
        // The colons of an IPv6 address stand in brackets.
        guard let colon = address.lastIndex(of: ":"), !address[colon...].contains("]") else {
            return "names no port; \(form)"
        }
        guard colon != address.startIndex else { return "names no host; \(form)" }
        let port = address[address.index(after: colon)...]
        guard isPort(port, toListen) else {
            return "port \(port): from 1 to 65535\(toListen ? ", or * for a free one" : ""); \(form)"
        }
        return nil
    }

    /// The endpoint to listen at for one that a person wrote: libzmq knows the loopback interface by its address only.
    public static func listening(_ endpoint: String) -> String {
        let name = "tcp://localhost:"
        return endpoint.hasPrefix(name) ? "tcp://127.0.0.1:" + endpoint.dropFirst(name.count) : endpoint
    }

    private static func isPort(_ text: Substring, _ mayBeAny: Bool) -> Bool {
        if text == "*" { return mayBeAny }
        return text.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt16(text).map { $0 > 0 } ?? false
    }
}
