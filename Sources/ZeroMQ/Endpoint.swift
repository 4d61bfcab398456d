/// Where a socket listens or connects: what text such as `tcp://HOST:PORT` or `ipc://PATH` stands for.
///
/// libzmq takes a port modulo 65,536 and leaves out what follows it, so text is read here before libzmq sees it.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// What an endpoint is for: only one to listen at may leave something to the system.
    public enum Use: Sendable, Hashable {
        case listening, connecting
    }

    /// A kind of place with its name.
    enum Place: Sendable, Hashable {
        case tcp(Host, Port)
        /// A socket file.
        case file(path: String)
        /// A Unix socket that is no file, written `ipc://@NAME`.
        case abstract(name: String)
        /// A socket file in a folder that libzmq makes.
        case anyFile
        case inproc(name: String)
    }

    /// The host of a TCP endpoint.
    enum Host: Sendable, Hashable {
        /// Every IPv4 address of this machine, written `*`.
        case every
        case ipv4(String)
        /// Without its brackets.
        case ipv6(String)
        /// A name to look up, or an interface of this machine to listen at.
        case name(String)
    }

    /// The port of a TCP endpoint.
    enum Port: Sendable, Hashable {
        /// One that the system chooses, written `*`.
        case any
        case number(UInt16)
    }

    let place: Place

    init(_ place: Place) { self.place = place }

    /// The endpoint as text that libzmq takes.
    ///
    /// One to listen at has the address in place of the name `localhost`: libzmq knows an interface by address or by its own name only.
    public func text(for use: Use) -> String {
        switch place {
        case .tcp(.name("localhost"), let port) where use == .listening: "tcp://127.0.0.1:\(port)"
        case .tcp(let host, let port): "tcp://\(host):\(port)"
        case .file(let path): "ipc://\(path)"
        case .abstract(let name): "ipc://@\(name)"
        case .anyFile: "ipc://*"
        case .inproc(let name): "inproc://\(name)"
        }
    }

    /// The endpoint as a person writes it.
    public var description: String { text(for: .connecting) }
}

extension Endpoint.Host: CustomStringConvertible {
    var description: String {
        switch self {
        case .every: "*"
        case .ipv4(let address), .name(let address): address
        case .ipv6(let address): "[\(address)]"
        }
    }
}

extension Endpoint.Port: CustomStringConvertible {
    var description: String {
        switch self {
        case .any: "*"
        case .number(let number): "\(number)"
        }
    }
}
