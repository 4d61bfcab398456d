import MAEDomain
import MAEWire
import TestSupport
import WireTestSupport
import ZeroMQ

/// A coordinator that welcomes each worker that greets it, and then sends mutated messages.
struct MutantCoordinator {
    private let socket: Socket
    private let poller: Poller
    private var session: UInt64 = 0
    let endpoint: String

    init(_ context: Context) throws {
        socket = try Socket(.router, in: context)
        poller = Poller(sockets: [socket], in: context)
        endpoint = try socket.bind("tcp://127.0.0.1:*")
    }

    /// Waits for a greeting, welcomes the worker, and sends it so many mutated messages.
    mutating func welcome(thenSend count: Int, of mutator: inout MessageMutator) throws {
        session += 1
        let welcome = Welcome(heartbeatInterval: .milliseconds(100), silenceTimeout: .seconds(60))
        let (route, incarnation) = try blockUntilFound("a worker says Hello", every: .zero) {
            try poller.wait(atMost: .milliseconds(100))
            return try greeting()
        }
        try send(Envelope(session: session, incarnation: incarnation, .welcome(welcome)).frames(), to: route)
        for number in 0..<count {
            try send(try mutator.next(session: number % 4 == 0 ? 1 : session, incarnation: incarnation), to: route)
            // A greeting that comes meanwhile is answered at the next one.
            while try socket.receive() != nil {}
            if number % 16 == 0 { try poller.wait(atMost: .milliseconds(5)) }
        }
    }

    private func greeting() throws -> (route: [UInt8], incarnation: UInt64)? {
        while let message = try socket.receive() {
            guard let route = message.frames.first,
                let envelope = try? Envelope(frames: Array(message.frames.dropFirst())),
                case .hello = envelope.body, let incarnation = envelope.incarnation
            else { continue }
            return (route, incarnation)
        }
        return nil
    }

    private func send(_ frames: [[UInt8]], to route: [UInt8]) throws { _ = try socket.send(Message([route] + frames)) }
}
