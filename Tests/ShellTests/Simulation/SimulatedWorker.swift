import Logging
import MAECluster
import MAEDomain
import MAEWire
import TestSupport

@testable import MAEWorker

/// A worker process that is killed and started again: the real session, with a network and jobs that take simulated time.
final class SimulatedWorker {
    let node: NodeID
    private let world: SimulatedWorld
    private let network: SimulatedNetwork
    private let habit: LightRunner.Habit
    private var process: (session: WorkerSession, route: [UInt8])?
    private var start: Instant

    init(_ node: NodeID, _ habit: LightRunner.Habit, _ world: SimulatedWorld, _ network: SimulatedNetwork) {
        self.node = node
        self.habit = habit
        self.world = world
        self.network = network
        start = world.now + world.chance.seconds(0...10)
    }

    /// Lets the process do what is to be done now; starts it when it is time.
    func turn() throws {
        if process == nil, world.now >= start { process = launch() }
        guard let (current, route) = process else { return }
        if world.chance.chance(world.weather.crash) {
            network.close(route)
            process = nil
            start = world.now + world.chance.seconds(0.5...8)
            return
        }
        process = nil
        var session = current
        try session.turn()
        process = (session, route)
    }

    /// What is wrong with the process.
    var faults: [String] { process?.session.machine.validateState() ?? [] }

    private func launch() -> (WorkerSession, [UInt8]) {
        let world = world
        let route = (0..<8).map { _ in UInt8.random(in: 0...255, using: &world.chance) }
        network.open(route, for: node.name)
        var options = WorkerOptions(endpoint: "sim://", node: node, host: "here")
        options.policy.longestHelloInterval = .seconds(4)
        options.policy.resendInterval = .seconds(2)
        let session = WorkerSession(
            options, LightRunner().identity(name: node.name, host: "here"),
            SimulatedChannel(network: network, route: route), SimulatedExecutor(world, habit),
            Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }, clock: { world.now })
        return (session, route)
    }
}

/// Computes jobs that take a while.
private final class SimulatedExecutor: JobExecutor {
    private let world: SimulatedWorld
    private let habit: LightRunner.Habit
    private struct Running {
        let job: JobRequest
        let start: Instant
        let end: Instant
        /// Until when it stands still, whatever it is told.
        var hangsUntil: Instant?
        var isCancelled = false
    }

    private var running: Running?

    init(_ world: SimulatedWorld, _ habit: LightRunner.Habit) {
        self.world = world
        self.habit = habit
    }

    let breakdown: (any Error)? = nil

    var progress: JobProgress? {
        running.map { running in
            let time = running.hangsUntil == nil ? world.now - running.start : .zero
            let step = UInt64(time / .milliseconds(250))
            return JobProgress(lease: running.job.lease, stage: .forward, step: step)
        }
    }

    func start(_ job: JobRequest) {
        running = Running(job: job, start: world.now, end: world.now + world.chance.seconds(0.1...2))
        if world.chance.chance(world.weather.hang) { running?.hangsUntil = world.now + world.chance.seconds(2...40) }
    }

    func cancel() { running?.isCancelled = true }

    func takeEndings() -> [(JobRequest, JobEnding)] {
        if let hangsUntil = running?.hangsUntil, world.now >= hangsUntil { running?.hangsUntil = nil }
        guard let ended = running, ended.hangsUntil == nil, ended.isCancelled || world.now >= ended.end else {
            return []
        }
        running = nil
        let job = ended.job
        if ended.isCancelled { return [(job, .stopped)] }
        if world.chance.chance(world.weather.failure) {
            return [(job, .failed(JobFailure(code: "oops", message: "oops", fault: .node)))]
        }
        return [(job, .completed(LightRunner.output(of: job, habit)))]
    }
}
