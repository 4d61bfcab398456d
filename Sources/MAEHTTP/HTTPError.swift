import Glibc

/// An address at which no server can listen.
public struct HTTPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what to do about it.
    public let description: String

    init(_ description: String) { self.description = description }

    /// The system refuses to listen at `address`.
    init(listeningAt address: HTTPAddress, number: CInt) {
        let remedy =
            switch number {
            case EADDRINUSE: "another program listens there; end it, or name another port (* is a free one)"
            case EADDRNOTAVAIL: "this machine has no such address; name one of its own, or 127.0.0.1"
            case EACCES: "ports below 1024 are for root; name another one"
            default: "name another address"
            }
        description = "\(address): pages cannot be served there (\(String(cString: strerror(number)))): \(remedy)"
    }
}
