import MAECluster
import MAEDomain
import MAEWire
import ZeroMQ

@testable import MAECoordinator
@testable import MAEWorker

/// The network between a coordinator and its workers: it carries the very frames that sockets would.
final class SimulatedNetwork {
    private enum Receiver {
        case coordinator
        /// The worker at a route.
        case worker([UInt8])
    }

    private let world: SimulatedWorld
    private var underway: [(at: Instant, frames: [[UInt8]], to: Receiver)] = []
    /// What has arrived, with the sender's route in front where the coordinator is to read it.
    private var atCoordinator: [Message] = []
    private var atWorkers: [[UInt8]: [Message]] = [:]
    /// The node that speaks at each route.
    private(set) var names: [[UInt8]: String] = [:]
    /// Leases that workers have reported as failed.
    private(set) var failed: Set<Lease> = []

    init(_ world: SimulatedWorld) { self.world = world }

    /// Lets everything arrive whose time has come; a coordinator that does not run misses it.
    func deliver(isCoordinatorUp: Bool) {
        let due = underway.filter { $0.at <= world.now }
        underway.removeAll { $0.at <= world.now }
        for (_, frames, receiver) in due {
            switch receiver {
            case .coordinator: if isCoordinatorUp { atCoordinator.append(Message(frames)) }
            case .worker(let route): atWorkers[route, default: []].append(Message(frames))
            }
        }
    }

    /// What the coordinator has not read dies with its process.
    func crashCoordinator() { atCoordinator = [] }

    /// What has not been read at a route dies with the process there.
    func close(_ route: [UInt8]) { atWorkers[route] = nil }

    /// A process of a node speaks at a route from now on.
    func open(_ route: [UInt8], for node: String) { names[route] = node }

    func send(fromWorkerAt route: [UInt8], _ message: Message) throws {
        if case .result(let result) = try Envelope(frames: message.frames).body, case .failed = result.outcome {
            failed.insert(result.lease)
        }
        carry([route] + message.frames, to: .coordinator)
    }

    func send(toWorkerAt route: [UInt8], _ frames: [[UInt8]]) { carry(frames, to: .worker(route)) }

    func receiveAtCoordinator() -> Message? { atCoordinator.isEmpty ? nil : atCoordinator.removeFirst() }

    func receive(at route: [UInt8]) -> Message? {
        guard let first = atWorkers[route]?.first else { return nil }
        atWorkers[route]?.removeFirst()
        return first
    }

    private func carry(_ frames: [[UInt8]], to receiver: Receiver) {
        if world.chance.chance(world.weather.loss) { return }
        let copies = world.chance.chance(world.weather.duplication) ? 2 : 1
        for _ in 0..<copies {
            underway.append((world.now + world.chance.seconds(0...world.weather.delay), frames, receiver))
        }
    }
}

/// The coordinator's end; `onSend` sees each message before it leaves.
struct SimulatedTransport: CoordinatorTransport {
    let network: SimulatedNetwork
    let crash: CrashPoint
    let onSend: ([[UInt8]]) -> Void

    func receive() throws -> Message? { network.receiveAtCoordinator() }

    func send(_ message: Message, last: (any SharedBytes)?) throws -> Socket.SendOutcome {
        try crash.pass()
        guard let route = message.frames.first else { return .unreachable }
        onSend(message.frames)
        network.send(toWorkerAt: route, Array(message.frames.dropFirst()))
        return .sent
    }

    func disconnect(_ userID: [UInt8]) {}

    func disconnect(route: [UInt8]) {}

    func expect(_ bytes: Int, from route: [UInt8]) {}
}

/// A worker's end.
struct SimulatedChannel: CoordinatorChannel {
    let network: SimulatedNetwork
    let route: [UInt8]

    var timeout: Duration? { nil }

    func attend() {}

    func receive() throws -> Message? { network.receive(at: route) }

    func send(_ message: Message) throws { try network.send(fromWorkerAt: route, message) }
}
