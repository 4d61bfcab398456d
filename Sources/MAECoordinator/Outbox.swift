import MAECluster
import MAEDomain
import MAEWire
import ZeroMQ

/// What is to be sent to workers, in order for each, and what a slow one could not take yet.
struct Outbox {
    /// How often a worker whose queue was full is tried again.
    static let retryInterval = Duration.milliseconds(5)
    /// Messages kept for one worker: more than its leases could fill, so one that exceeds it does not read.
    private static let mostHeldUp = 1024

    private var outgoing: [(CoordinatorMessage<RunJob>, Peer)] = []
    /// Acknowledgements of a turn go together.
    private var acknowledged: [Peer: [Lease]] = [:]
    private var heldUp: [Peer: [Message]] = [:]

    /// Whether nothing was added since ``takeAll()``.
    var isEmpty: Bool { outgoing.isEmpty && acknowledged.isEmpty }
    /// Whether messages wait for a worker to take earlier ones.
    var isHeldUp: Bool { !heldUp.isEmpty }

    /// How many messages wait so.
    var heldUpCount: Int { heldUp.values.reduce(0) { $0 + $1.count } }

    mutating func add(_ message: CoordinatorMessage<RunJob>, to peer: Peer) {
        switch message {
        case .acknowledge(let leases): acknowledged[peer, default: []] += leases
        case .goodbye:
            // Nothing is read after it.
            takeAcknowledgements(of: peer)
            outgoing.append((message, peer))
        default: outgoing.append((message, peer))
        }
    }

    /// Everything that was added, acknowledgements last.
    mutating func takeAll() -> [(CoordinatorMessage<RunJob>, Peer)] {
        for peer in acknowledged.keys { takeAcknowledgements(of: peer) }
        defer { outgoing = [] }
        return outgoing
    }

    private mutating func takeAcknowledgements(of peer: Peer) {
        guard let leases = acknowledged.removeValue(forKey: peer) else { return }
        for start in stride(from: 0, to: leases.count, by: WireLimits.leases) {
            let part = leases[start..<min(start + WireLimits.leases, leases.count)]
            outgoing.append((.acknowledge(Array(part)), peer))
        }
    }

    /// Sends a message, or keeps it when the worker's queue is full; false when the worker has gone.
    ///
    /// Its silence, or a new connection, tells the state machine of that.
    mutating func send(_ message: Message, to peer: Peer, through transport: any CoordinatorTransport) throws -> Bool {
        guard heldUp[peer] == nil else {
            hold(message, for: peer)
            return true
        }
        switch try transport.send(message, last: nil) {
        case .sent: break
        case .wouldBlock: hold(message, for: peer)
        case .unreachable: return false
        }
        return true
    }

    /// Tries again what was kept.
    mutating func sendHeldUp(through transport: any CoordinatorTransport) throws {
        for (peer, messages) in heldUp {
            var sent = 0
            trying: for message in messages {
                switch try transport.send(message, last: nil) {
                case .sent: sent += 1
                case .wouldBlock: break trying
                case .unreachable:
                    sent = messages.count
                    break trying
                }
            }
            heldUp[peer] = sent == messages.count ? nil : Array(messages.dropFirst(sent))
        }
    }

    /// Forgets what was to be sent to all peers with an identity.
    mutating func drop(_ identity: [UInt8]) {
        outgoing.removeAll { $0.1.identity == identity }
        acknowledged = acknowledged.filter { $0.key.identity != identity }
        heldUp = heldUp.filter { $0.key.identity != identity }
    }

    private mutating func hold(_ message: Message, for peer: Peer) {
        // A worker that reads nothing falls silent too, and then gets nothing anyway.
        if heldUp[peer, default: []].count < Self.mostHeldUp { heldUp[peer, default: []].append(message) }
    }
}
