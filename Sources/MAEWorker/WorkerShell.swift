import Glibc
import Logging
import MAECluster
import MAEWire
import Synchronization
import ZeroMQ

/// A worker: the state machine ``MAECluster/WorkerStateMachine`` with a socket, a clock, a log and something that computes.
///
/// One thread owns the socket and never computes, so that heartbeats go on during a computation.
public final class WorkerShell: Sendable {
    private static let longestWait = Duration.seconds(5)

    private let options: WorkerOptions
    private let runner: any ShardRunner
    private let context: Context
    private let log: Logger
    private let stop: WakeUp
    private let isStopping = Mutex(false)

    /// A worker that does nothing until ``run(signals:)``.
    public init(_ options: WorkerOptions, runner: any ShardRunner, context: Context, log: Logger) throws {
        self.options = options
        self.runner = runner
        self.context = context
        self.log = log
        stop = try WakeUp()
    }

    /// Makes ``run(signals:)`` say Goodbye and return; may be called on any thread.
    public func leave() {
        isStopping.withLock { $0 = true }
        stop.signal()
    }

    /// Takes part in the cluster on the calling thread until ``leave()``, one of `signals`, or what the policy ends it at.
    ///
    /// After a signal the job that runs may go on for the options' grace, so that its result is handed in. A second signal has
    /// the effect that it has in any program. `onTurn` is called each time that the thread has gone round, every five seconds at least.
    ///
    /// - Throws: what broke the runner, when that made the worker leave; `KeyError` for a key file that cannot be trusted;
    ///   ``UnguardedSocket``; ``NoCoordinator`` when there was none for longer than the policy's patience.
    public func run(signals: SignalWatch? = nil, onTurn: () -> Void = {}) throws {
        let link = try CoordinatorLink(options, in: context, log)
        let computation = try Computation(runner)
        defer { computation.stop() }
        let descriptors =
            [computation.endings.wakeUp.descriptor, stop.descriptor] + (signals.map { [$0.descriptor] } ?? [])
        let start = ContinuousClock.now
        var session = WorkerSession(
            options, runner.identity(name: options.node.name, host: options.host), link, computation, log,
            clock: { Instant(sinceOrigin: ContinuousClock.now - start) })
        while session.isTakingPart {
            // Made for each waiting, since the link may have a new socket.
            try Poller(sockets: link.sockets, descriptors: descriptors + link.descriptors, in: context)
                .wait(atMost: min(session.timeout ?? Self.longestWait, Self.longestWait))
            if let signal = signals?.take() {
                signals?.release()
                log.info("signal \(signal): leaving")
                try session.drain(within: options.grace)
            }
            stop.clear()
            if isStopping.withLock({ $0 }) { try session.handle(.leave) }
            try session.turn()
            if session.isBroken { try session.handle(.leave) }
            onTurn()
        }
        if let breakdown = runner.breakdown { throw breakdown }
        if session.machine.hasGivenUp { throw NoCoordinator(at: options.address, after: options.policy.patience) }
    }
}
