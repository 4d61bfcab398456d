import MAEDomain
import MAEWire
import TestSupport
import WireTestSupport
import ZeroMQ

/// A node that joins a live coordinator as others do, and then sends mutated messages.
struct MutantNode {
    private let socket: Socket
    private let poller: Poller
    private var session: UInt64?
    private static let incarnation: UInt64 = 1

    init(connectingTo endpoint: String, _ context: Context) throws {
        socket = try Socket(.dealer, in: context)
        poller = Poller(sockets: [socket], in: context)
        try socket.connect(endpoint)
    }

    /// Joins under a name, and waits until the coordinator has welcomed it; false once `isOver` says that it will not.
    ///
    /// Says Hello again as a worker does: one may be turned away for a while, as where many came before it.
    mutating func join(_ name: String, unless isOver: () throws -> Bool) throws -> Bool {
        let hello = Envelope.Body.hello(
            Hello(
                node: NodeIdentity(
                    name: name, host: "here", backend: "none", device: "none", isa: "", threads: 1,
                    numericClass: "mutant", engineBuild: "mutant"), maximumJobs: 2))
        let frames = try Envelope(session: nil, incarnation: Self.incarnation, hello).frames()
        var tries = 0
        return try blockUntilFound("\(name) is welcomed", every: .zero) {
            if try isOver() { return false }
            if tries % 20 == 0 { _ = try socket.send(Message(frames)) }
            tries += 1
            try poller.wait(atMost: .milliseconds(100))
            while let envelope = try receive() {
                guard case .welcome = envelope.body else { continue }
                session = envelope.session
                return true
            }
            return nil
        }
    }

    /// Sends so many mutated messages, half of them in its own session, and takes in what is answered.
    func send(_ count: Int, of mutator: inout MessageMutator) throws {
        for number in 0..<count {
            let frames = try mutator.next(session: number % 2 == 0 ? session : 1, incarnation: Self.incarnation)
            // A connection that was cut is made again by the library, and takes what comes later.
            _ = try socket.send(Message(frames))
            while try receive() != nil {}
            if number % 16 == 0 { try poller.wait(atMost: .milliseconds(5)) }
        }
    }

    private func receive() throws -> Envelope? {
        guard let message = try socket.receive() else { return nil }
        return try Envelope(frames: message.frames)
    }
}
