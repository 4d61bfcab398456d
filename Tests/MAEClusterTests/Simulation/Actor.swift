@testable import MAECluster

/// A simulated worker process: the real state machine, and jobs that take time, hang or go wrong.
struct Actor {
    let node: NodeID
    var machine: Worker?
    var peer: Peer
    /// When the process starts next, while there is none.
    var start: Instant
    private var job: RunningJob?

    private struct RunningJob {
        let lease: Lease
        var step: UInt64 = 0
        var end: Instant
        var hangsUntil: Instant?
        var failure: JobFailure?
        var isCancelled = false
    }

    init(node: NodeID, start: Instant) {
        self.node = node
        self.start = start
        peer = Peer(route: [])
    }

    /// Starts the process if it is time, and lets it work for one step; returns what it says.
    mutating func step(_ now: Instant, _ chance: inout SplitMix, _ weather: Weather) -> [WorkerMessage] {
        if machine == nil {
            guard now >= start else { return [] }
            machine = Worker(
                node: node, incarnation: Incarnation(rawValue: chance.next()), policy: Self.policy, now: now)
            peer = Peer(route: [UInt8](repeating: 0, count: 8).map { _ in UInt8.random(in: 0...255, using: &chance) })
        }
        var said = handle(.tick, now, &chance, weather)
        guard var job else { return said }
        if let hangsUntil = job.hangsUntil {
            guard now >= hangsUntil else { return said }
            job.hangsUntil = nil
        }
        job.step += 1
        self.job = job
        if job.isCancelled {
            self.job = nil
            said += handle(.stopped(job.lease), now, &chance, weather)
        } else if now < job.end {
            said += handle(.progressed(job.lease, step: job.step), now, &chance, weather)
        } else {
            self.job = nil
            let event = job.failure.map { WorkerEvent.failed(job.lease, $0) } ?? .finished(job.lease)
            said += handle(event, now, &chance, weather)
        }
        return said
    }

    /// Gives the process a message; returns what it says.
    mutating func receive(
        _ message: CoordinatorMessage, _ now: Instant, _ chance: inout SplitMix, _ weather: Weather
    ) -> [WorkerMessage] {
        handle(.received(message), now, &chance, weather)
    }

    /// Kills the process.
    mutating func crash(restart: Instant) {
        machine = nil
        job = nil
        start = restart
    }

    private mutating func handle(
        _ event: WorkerEvent, _ now: Instant, _ chance: inout SplitMix, _ weather: Weather
    ) -> [WorkerMessage] {
        var said: [WorkerMessage] = []
        for action in machine?.handle(event, now: now) ?? [] {
            switch action {
            case .send(let message): said.append(message)
            case .start(let started):
                var running = RunningJob(lease: started.lease, end: now + chance.seconds(0.3...4))
                if chance.chance(weather.hang) { running.hangsUntil = now + chance.seconds(1...20) }
                if chance.chance(weather.badInput) { running.failure = JobFailure(isInputFault: true, message: "bad") }
                if chance.chance(weather.failure) { running.failure = JobFailure(isInputFault: false, message: "oops") }
                job = running
            case .cancel: job?.isCancelled = true
            case .forget, .welcomed, .refused, .parted: break
            }
        }
        return said
    }

    private static var policy: WorkerPolicy {
        var policy = WorkerPolicy()
        policy.longestHelloInterval = .seconds(4)
        policy.resendInterval = .seconds(2)
        return policy
    }
}
