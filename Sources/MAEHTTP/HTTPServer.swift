import Glibc
import MAEThreads

/// A server of pages that can only be read, on one thread of its own.
///
/// Everything that a client can make it hold or do has a limit (``HTTPLimits``); what it serves is for its owner to say.
public final class HTTPServer: Sendable {
    /// Where it listens, with the port that the system chose.
    public let address: HTTPAddress
    private let listener: CInt
    private let thread: NamedThread

    /// Listens at `address` and begins to answer.
    ///
    /// `answer` is called on the thread of the server for each request to read something. It must not wait: while it runs, no
    /// other client is answered.
    ///
    /// - Throws: ``HTTPError`` where it cannot listen there, and `ThreadError`.
    public init(
        at address: HTTPAddress, limits: HTTPLimits = HTTPLimits(),
        answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse
    ) throws {
        let listener = try Self.listen(at: address)
        self.listener = listener
        self.address = address.with(port: HTTPAddress.port(of: listener) ?? address.port)
        let manner = HTTPConnection.Manner(limits: limits, isLoopback: address.isLoopback, answer: answer)
        do {
            thread = try NamedThread("mae-http") {
                let loop = HTTPLoop(listener: listener, manner)
                loop.run()
            }
        } catch {
            close(listener)
            throw error
        }
    }

    deinit {
        stop()
        close(listener)
    }

    /// Cuts all connections and listens no more.
    public func stop() {
        // On Linux this wakes a thread that polls the socket, now or later.
        shutdown(listener, CInt(SHUT_RDWR))
        // The loop throws nothing.
        try? thread.join()
    }

    private static func listen(at address: HTTPAddress) throws(HTTPError) -> CInt {
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.isIPv6 ? AF_INET6 : AF_INET, kind, 0)
        guard descriptor >= 0 else { throw HTTPError(listeningAt: address, number: errno) }
        // Connections of a server before this one that linger in the system do not keep the port.
        var isOn: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<CInt>.size))
        let isListening =
            address.withSocketAddress { bind(descriptor, $0, $1) == 0 } && Glibc.listen(descriptor, 64) == 0
        guard isListening else {
            let number = errno
            close(descriptor)
            throw HTTPError(listeningAt: address, number: number)
        }
        return descriptor
    }
}
