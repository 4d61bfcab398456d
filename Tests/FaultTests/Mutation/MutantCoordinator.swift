import MAEDomain
import MAEWire
import TestSupport
import WireTestSupport
import ZeroMQ

/// A coordinator that welcomes each worker that speaks to it, and sends it mutated messages.
///
/// A worker that was told Goodbye waits for seconds before it says Hello again. It takes a Welcome before that, so it is welcomed over
/// and over.
struct MutantCoordinator {
    /// Messages between two times that the worker is welcomed and listened to.
    private static let burst = 16
    private static let session: UInt64 = 1

    private let socket: Socket
    private let poller: Poller
    private var worker: (route: [UInt8], incarnation: UInt64)?
    let endpoint: String

    init(_ context: Context) throws {
        socket = try Socket(.router, in: context)
        poller = Poller(sockets: [socket], in: context)
        endpoint = try socket.bind("tcp://127.0.0.1:*")
    }

    /// Sends so many mutated messages, all but a few of which a worker gets; `attend` starts another one where the last has ended.
    mutating func send(_ count: Int, of mutator: inout MessageMutator, attend: () throws -> Void) throws {
        for number in 0..<count {
            if number % Self.burst == 0 {
                try attend()
                try listen(atMost: .milliseconds(1))
                try welcome(attend)
            }
            let session = number % 4 == 0 ? Self.session + 1 : Self.session
            try send(attend) { try mutator.next(session: session, incarnation: $0) }
        }
    }

    private mutating func welcome(_ attend: () throws -> Void) throws {
        let welcome = Welcome(heartbeatInterval: .milliseconds(100), silenceTimeout: .seconds(60))
        try send(attend) { try Envelope(session: Self.session, incarnation: $0, .welcome(welcome)).frames() }
    }

    /// Sends a message to the worker that spoke last, once there is one, and room for it.
    private mutating func send(_ attend: () throws -> Void, _ frames: (_ incarnation: UInt64) throws -> [[UInt8]])
        throws
    {
        let (_, incarnation) = try blockUntilFound("a worker speaks", every: .zero) {
            if worker == nil {
                try attend()
                try listen(atMost: .milliseconds(50))
            }
            return worker
        }
        let frames = try frames(incarnation)
        try blockUntil("there is room for a message", every: .zero) {
            guard let current = worker else { return true }
            switch try socket.send(Message([current.route] + frames)) {
            case .sent: return true
            case .wouldBlock:
                try attend()
                try listen(atMost: .milliseconds(5))
                return false
            case .unreachable:
                worker = nil
                return true
            }
        }
    }

    /// Takes in what workers say: a connection that was made again has another route.
    private mutating func listen(atMost time: Duration) throws {
        try poller.wait(atMost: time)
        while let message = try socket.receive() {
            guard let route = message.frames.first,
                let envelope = try? Envelope(frames: Array(message.frames.dropFirst())),
                let incarnation = envelope.incarnation
            else { continue }
            worker = (route, incarnation)
        }
    }
}
