import MAEDomain

@testable import MAECluster

/// A simulated worker process: the real state machine, and jobs that take time, hang, go wrong, or end the process.
struct Actor {
    let node: NodeID
    /// The key that the node has, as the transport tells the coordinator.
    let identity: [UInt8]
    private(set) var machine: Worker?
    private(set) var peer: Peer
    /// When the process starts next, while there is none.
    private(set) var start: Instant
    /// Until when its machine is suspended.
    private(set) var asleep = Instant(sinceOrigin: .zero)
    /// Until when its network is cut off.
    var cutOff = Instant(sinceOrigin: .zero)
    /// What came while it slept, which it finds when it wakes.
    private var mail: [CoordinatorMessage] = []
    private let slowness: Double
    private var job: RunningJob?
    /// What this process has begun in its session.
    private var begun: Set<Lease> = []
    private var repeated: Lease?
    private var session: SessionID?

    /// What a worker means to do about a lease.
    enum Standing { case unfinished, finished }

    private struct RunningJob {
        let lease: Lease
        var step: UInt64 = 0
        var end: Instant
        var hangsUntil: Instant?
        var failure: JobFailure?
        var isCancelled = false
        var isDeadly = false
    }

    init(node: NodeID, start: Instant, slowness: Double, identity: [UInt8]) {
        self.node = node
        self.start = start
        self.slowness = slowness
        self.identity = identity
        peer = Peer(route: [])
    }

    /// Starts the process if it is time, and lets it work for one step; returns what it says.
    mutating func step(_ now: Instant, _ world: inout World) -> [WorkerMessage] {
        guard now >= asleep else { return [] }
        if machine == nil {
            guard now >= start else { return [] }
            machine = Worker(
                node: node, incarnation: Incarnation(rawValue: world.chance.next()), introduction: NoIntroduction(),
                policy: Self.policy, now: now)
            reconnect(&world)
        }
        var said: [WorkerMessage] = []
        let late = mail
        mail = []
        for message in late { said += handle(.received(message), now, &world) }
        if let tick = machine?.nextTick, tick <= now { said += handle(.tick, now, &world) }
        return said + work(now, &world)
    }

    private mutating func work(_ now: Instant, _ world: inout World) -> [WorkerMessage] {
        guard var job else { return [] }
        if let hangsUntil = job.hangsUntil {
            guard now >= hangsUntil else { return [] }
            job.hangsUntil = nil
        }
        job.step += 1
        self.job = job
        if job.isCancelled {
            self.job = nil
            return handle(.stopped(job.lease), now, &world)
        }
        if now < job.end { return handle(.progressed(JobProgress(job.lease, step: job.step)), now, &world) }
        self.job = nil
        if job.isDeadly {
            crash(restart: now + world.chance.seconds(0.5...8))
            return []
        }
        return handle(job.failure.map { .failed(job.lease, $0) } ?? .finished(job.lease), now, &world)
    }

    /// Gives the process a message; returns what it says.
    mutating func receive(_ message: CoordinatorMessage, _ now: Instant, _ world: inout World) -> [WorkerMessage] {
        guard now >= asleep else {
            mail.append(message)
            return []
        }
        return handle(.received(message), now, &world)
    }

    /// Kills the process.
    mutating func crash(restart: Instant) {
        machine = nil
        job = nil
        begun = []
        mail = []
        start = restart
    }

    /// Tells the process to end; returns what it says.
    mutating func leave(_ now: Instant, restart: Instant, _ world: inout World) -> [WorkerMessage] {
        let said = handle(.leave, now, &world)
        crash(restart: restart)
        return said
    }

    /// Stops the machine for a while; its clock goes on.
    mutating func suspend(until instant: Instant) { asleep = instant }

    /// Speaks over another connection from now on.
    mutating func reconnect(_ world: inout World) {
        let route = (0..<8).map { _ in UInt8.random(in: 0...255, using: &world.chance) }
        peer = Peer(route: route, identity: identity)
    }

    /// What is wrong with the process: broken rules of its own, or queues that grow.
    func faults() -> [String] {
        guard let machine else { return [] }
        var faults = machine.validateState()
        if let repeated { faults.append("\(node) begins \(repeated) twice") }
        if machine.waiting.count > 8 { faults.append("\(node) has \(machine.waiting.count) jobs in wait") }
        if machine.unacknowledged.count > 30 { faults.append("\(node) keeps \(machine.unacknowledged.count) results") }
        return faults
    }

    /// What the process means to do about a lease.
    func standing(of lease: Lease) -> Standing? {
        guard let machine else { return nil }
        if machine.unacknowledged[lease] != nil { return .finished }
        let isRunning = machine.running.map { $0.lease == lease && !$0.isCancelled } ?? false
        return isRunning || machine.waiting.contains { $0.lease == lease } ? .unfinished : nil
    }

    private mutating func handle(_ event: Worker.Event, _ now: Instant, _ world: inout World) -> [WorkerMessage] {
        var said: [WorkerMessage] = []
        for action in machine?.handle(event, now: now) ?? [] {
            switch action {
            case .send(let message): said.append(message)
            case .start(let started): begin(started, now, &world)
            case .cancel: job?.isCancelled = true
            case .welcomed:
                if machine?.sessionID != session { begun = [] }
                session = machine?.sessionID
            case .refused, .renamed, .left: break
            }
        }
        return said
    }

    private mutating func begin(_ started: Job, _ now: Instant, _ world: inout World) {
        if !begun.insert(started.lease).inserted { repeated = started.lease }
        let duration = world.chance.seconds(0.3...4)
        var running = RunningJob(lease: started.lease, end: now + duration * slowness)
        if world.chance.chance(world.weather.hang) { running.hangsUntil = now + world.chance.seconds(1...20) }
        if world.chance.chance(world.weather.badInput) {
            running.failure = JobFailure.input("bad")
        }
        if world.chance.chance(world.weather.failure) {
            running.failure = JobFailure.node("oops")
        }
        running.isDeadly = world.killers.contains(started.shard.id) || world.spoilers.contains(node)
        job = running
    }

    private static var policy: WorkerPolicy {
        var policy = WorkerPolicy()
        policy.longestHelloInterval = .seconds(4)
        policy.resendInterval = .seconds(2)
        return policy
    }
}
