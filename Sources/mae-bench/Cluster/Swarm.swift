import Glibc
import MAECluster
import MAEDomain
import MAEKeys
import MAETensor
import MAEWire
import MAEWorker
import ZeroMQ

/// Many workers on one thread, each with a socket and a state machine of its own, that answer every job at once with the
/// same numbers.
///
/// What is measured is the coordinator: a worker here costs as little as a real socket and the real messages allow.
final class Swarm {
    private let context: Context
    private let poller: Poller
    private var workers: [LightWorker]
    private let start = ContinuousClock.now

    /// Connects `count` workers to a coordinator, each with its key of a folder where one is given.
    init(_ count: Int, connectingTo endpoint: String, keys folder: String?) throws {
        context = try Context()
        let context = context
        workers = try (0..<count).map { index in
            let name = Self.name(ofWorker: index)
            let keys = try folder.map { try NodeKeys(file: ClusterAccess.file(of: name, in: $0)) }
            return try LightWorker(name, keys, connectingTo: endpoint, in: context)
        }
        poller = Poller(sockets: workers.map(\.socket), in: context)
    }

    /// Works until the coordinator has said Goodbye to every worker, and says how it went.
    func run() throws -> SwarmRecord {
        var nextTick = now
        while workers.contains(where: { !$0.hasParted }) {
            try poller.wait(atMost: max(nextTick - now, .zero))
            for index in workers.indices { try workers[index].receive(now: now) }
            if now >= nextTick {
                nextTick = now + .milliseconds(100)
                for index in workers.indices { try workers[index].tick(now: now) }
            }
        }
        let first = workers.compactMap(\.firstJob).min()
        let last = workers.compactMap(\.lastAcknowledgement).max()
        return SwarmRecord(
            shards: workers.reduce(0) { $0 + $1.acknowledged },
            seconds: first.flatMap { first in last.map { ($0 - first) / .seconds(1) } } ?? 0,
            round_trip_ms: Percentiles(workers.flatMap(\.roundTrips).map { $0 / .milliseconds(1) }),
            acknowledgement_ms: Percentiles(workers.flatMap(\.waits).map { $0 / .milliseconds(1) }))
    }

    /// The name of a worker.
    static func name(ofWorker index: Int) -> String { "light-\(index)" }

    private var now: Instant { Instant(sinceOrigin: ContinuousClock.now - start) }
}

/// What the workers saw.
struct SwarmRecord: Codable {
    /// Results that were acknowledged.
    let shards: Int
    /// From the first job to the last acknowledgement.
    let seconds: Double
    /// From a result to the next job, of the first few thousand of each worker.
    let round_trip_ms: Percentiles
    /// From a result to its acknowledgement, which comes when it is durable.
    let acknowledgement_ms: Percentiles
}

/// One worker that computes nothing.
private struct LightWorker {
    let socket: Socket
    private var machine: WorkerStateMachine<JobRequest, NodeIdentity, Completed>
    private let incarnation: Incarnation
    private var sent: [Lease: Instant] = [:]
    private var lastResult: Instant?
    private(set) var hasParted = false
    private(set) var firstJob: Instant?
    private(set) var lastAcknowledgement: Instant?
    private(set) var acknowledged = 0
    private(set) var roundTrips: [Duration] = []
    private(set) var waits: [Duration] = []

    private static let mostSamples = 4096

    init(_ name: String, _ keys: NodeKeys?, connectingTo endpoint: String, in context: Context) throws {
        var options = SocketOptions()
        if let keys { options.security = .client(keys.pair, serverKey: keys.coordinatorKey) }
        options.immediate = true
        options.maximumFrames = WireLimits.frames
        socket = try Socket(.dealer, in: context, options: options)
        try socket.connect(endpoint)
        guard let node = NodeID(name) else { preconditionFailure("\(name) is a name") }
        incarnation = Incarnation(rawValue: .random(in: .min ... .max))
        machine = WorkerStateMachine(
            node: node, incarnation: incarnation,
            introduction: LightResult.node(named: name), now: Instant(sinceOrigin: .zero))
    }

    mutating func receive(now: Instant) throws {
        while let message = try socket.receive() { try take(try Envelope(frames: message.frames), now: now) }
    }

    mutating func tick(now: Instant) throws { try handle(.tick, now: now) }

    private mutating func take(_ envelope: Envelope, now: Instant) throws {
        switch envelope.body {
        case .welcome(let times):
            try handle(.received(.welcome(SessionID(rawValue: envelope.session ?? 0), times)), now: now)
        case .job(let job):
            if let lastResult, roundTrips.count < Self.mostSamples { roundTrips.append(now - lastResult) }
            lastResult = nil
            firstJob = firstJob ?? now
            try handle(.received(.job(job)), now: now)
        case .accepted(let accepted):
            lastAcknowledgement = now
            // Those that a heartbeat named while they were being acknowledged are acknowledged twice.
            for lease in accepted.leases {
                guard let since = sent.removeValue(forKey: lease) else { continue }
                acknowledged += 1
                if waits.count < Self.mostSamples { waits.append(now - since) }
            }
            try handle(.received(.acknowledge(accepted.leases)), now: now)
        case .heartbeat: try handle(.received(.heartbeat), now: now)
        case .goodbye:
            try send(.goodbye(Goodbye(reason: "heard")), session: machine.sessionID)
            hasParted = true
        default: throw ChildFailure(exitCode: 70, "the coordinator refused: \(envelope.body)")
        }
    }

    private mutating func handle(
        _ event: WorkerStateMachine<JobRequest, NodeIdentity, Completed>.Event, now: Instant
    ) throws {
        for action in machine.handle(event, now: now) {
            switch action {
            // Greeting again after it was welcomed: the coordinator has gone.
            case .send(.hello) where machine.sessionID != nil: hasParted = true
            case .send(.hello(_, _, let jobs, let identity)):
                try send(.hello(Hello(node: identity, maximumJobs: jobs)), session: nil)
            case .send(.said(.result(let lease, let completed), let session, _)):
                sent[lease] = now
                lastResult = now
                try send(.result(ShardResult(lease: lease, outcome: .completed(completed))), session: session)
            case .send(.said(.heartbeat(_, let inHand), let session, _)):
                try send(.heartbeat(Heartbeat(inHand: inHand)), session: session)
            case .start(let job): try handle(.finished(job.lease, LightResult.completed), now: now)
            case .send, .cancel, .welcomed, .refused, .renamed, .left: break
            }
        }
    }

    private func send(_ body: Envelope.Body, session: SessionID?) throws {
        let frames = try Envelope(session: session?.rawValue, incarnation: incarnation.rawValue, body).frames()
        _ = try socket.send(Message(frames))
    }
}

/// The result of every shard, and who computes it.
enum LightResult {
    static func node(named name: String) -> NodeIdentity {
        NodeIdentity(
            name: name, host: "here", backend: "none", device: "none", isa: "none", threads: 1,
            numericClass: "light", engineBuild: "light")
    }

    static let completed: Completed = {
        let pooled = Tensor(shape: [1, 8], elements: (0..<8).map(Float.init))
        let digest = pooled.digest()
        return Completed(
            weights: WeightsObservation(digest: digest),
            digests: StageDigests(
                input: digest, noise: digest, mask: digest, order: digest, layernorm: digest, returned: digest,
                pooled: digest),
            configuration: [ConfigurationField(name: "hidden_size", value: "8", origin: .flag)],
            maskRatio: MaskRatio(0, from: .flag), seconds: StageSeconds(),
            pooled: TensorPayload(.pooled, pooled), tokens: 1, hidden: 8)
    }()
}
