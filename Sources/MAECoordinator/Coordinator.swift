import Foundation
import Logging
import MAECluster
import MAEDomain
import MAEFiles
import MAEStore
import MAETensor
import MAEVerify
import MAEWire
import Synchronization
import ZeroMQ

/// The coordinator of one run: ``MAECluster/CoordinatorStateMachine`` with a socket, a clock, a store and a log.
///
/// Every result is in the store before it is acknowledged, so a coordinator that is killed loses nothing.
public final class Coordinator: Sendable {
    private let options: CoordinatorOptions
    private let plan: RunPlan
    private let resumption: Resumption?
    private let store: Store
    private let context: Context
    private let log: Logger
    private let wakeUp: WakeUp
    private let stopping = Mutex<RunCircumstances.Ending?>(nil)

    /// A coordinator for a new run.
    public convenience init(
        _ plan: RunPlan, options: CoordinatorOptions, store: Store, context: Context, log: Logger
    ) throws {
        try self.init(plan, nil, options: options, store: store, context: context, log: log)
    }

    /// A coordinator that carries on the run named `run`, doing only what is not stored yet.
    public convenience init(
        resuming run: String, options: CoordinatorOptions, store: Store, context: Context, log: Logger
    ) throws {
        try self.init(resuming: store.run(run).plan, options: options, store: store, context: context, log: log)
    }

    /// The same for a run whose plan was read from the store already.
    public convenience init(
        resuming plan: RunPlan, options: CoordinatorOptions, store: Store, context: Context, log: Logger
    ) throws {
        let resumption = try store.resume(plan)
        try self.init(resumption.plan, resumption, options: options, store: store, context: context, log: log)
    }

    private init(
        _ plan: RunPlan, _ resumption: Resumption?, options: CoordinatorOptions, store: Store, context: Context,
        log: Logger
    ) throws {
        self.options = options
        self.plan = plan
        self.resumption = resumption
        self.store = store
        self.context = context
        var log = log
        log[metadataKey: "run"] = "\(plan.run)"
        self.log = log
        wakeUp = try WakeUp()
    }

    /// Ends ``run(signals:observer:onTurn:metrics:followUp:whenListening:)`` early, as a signal does; may be called on any thread.
    ///
    /// `ending` is what the report says of it.
    public func stop(_ ending: RunCircumstances.Ending = .interrupted) {
        stopping.withLock { $0 = $0 ?? ending }
        wakeUp.signal()
    }

    /// Carries the run out on the calling thread, until every result is there, the timeout, ``stop(_:)`` or a signal.
    ///
    /// `whenListening` is called once workers can connect, with the endpoint that has the real port, before the endpoint is
    /// written to its file; what it throws ends the run before it began. `observer` is told of every change, a few times a second at most. When all shards have been run, `followUp` says
    /// what to run again and look at more closely; what it asks for is stored like everything else. `onTurn` is called each
    /// time that the thread has gone round, every second at least. `metrics` is told the figures of the run as often as
    /// the options say, and at the end.
    ///
    /// Throws ``CoordinatorError``, `KeyError` and ``ZeroMQError`` when it cannot listen at the endpoint, and what the
    /// store throws.
    public func run(
        signals: SignalWatch? = nil, observer: @escaping (RunProgress) -> Void = { _ in },
        onTurn: () -> Void = {}, metrics: ((RunMetrics) -> Void)? = nil,
        followUp: FollowUp.Choice = FollowUp.questions,
        whenListening: (_ endpoint: String) throws -> Void = { _ in }
    ) throws -> RunOutcome {
        var factory = try ShardFactory(plan, noise: options.noise.map { TensorPayload(.noise, $0) })
        let firstShards = factory.firstShards()
        if let resumption { factory.skip(resumption.shards) }
        try check(firstShards, factory)
        let listening = try ListeningSocket(options, batchSize: plan.batchSize, in: context, log)
        defer { withExtendedLifetime(listening.socketFile) {} }
        let endpoint = listening.endpoint
        if let file = options.endpointFile { try endpointFile(file, AtomicFile.probe) }
        if resumption == nil {
            try store.begin(plan, shards: firstShards.map(ShardRecord.init), at: Date())
        }
        log.info("listening at \(endpoint)")
        try whenListening(endpoint)
        // Those who wait for the file find that the caller was told.
        if let file = options.endpointFile {
            let told = try options.advertisedHost.map { try Endpoint.advertised(endpoint, as: $0) } ?? endpoint
            try endpointFile(file) { path throws(FileError) in
                try AtomicFile.write((told + "\n").utf8, to: path, AtomicFileOptions(durability: .none))
            }
        }
        warnOfUntiedNodes()

        let content = try ContentServer(options.content, log)
        let writer = try StoreWriter(store, run: plan.run, limits: options.storeLimits)
        let start = ContinuousClock.now
        // After an error, which is the one to tell of.
        defer { try? writer.stop() }
        var session = CoordinatorSession(
            plan, options, resumption, factory, firstShards: firstShards, listening.access, content: content,
            journal: writer, log: log, clock: { Instant(sinceOrigin: ContinuousClock.now - start) })
        let descriptors =
            [wakeUp.descriptor, writer.wakeUp.descriptor, content.descriptor]
            + (signals.map { [$0.descriptor] } ?? [])
        let poller = Poller(sockets: [listening.socket], descriptors: descriptors, in: context)
        let pausedPoller = Poller(sockets: [], descriptors: descriptors, in: context)
        var reporter = ProgressReporter(observer)
        var metricsReporter = MetricsReporter(every: options.metricsInterval, metrics)
        session.take(drains: Set(try store.drainOrders().map(\.node)))
        // The first turn comes before any waiting: a run that is resumed may have nothing left to do.
        while true {
            if let signal = signals?.take() {
                signals?.release()
                log.notice("signal \(signal): stopping the run")
                stopping.withLock { $0 = $0 ?? .interrupted }
            }
            if let ending = stopping.withLock({ $0 }) { session.interrupt(ending) }
            try session.turn(followUp: followUp)
            reporter.report(isFinal: session.outcome != nil) { session.progress }
            if session.outcome != nil { break }
            onTurn()
            metricsReporter.report { session.metrics }
            try (session.isReceivePaused ? pausedPoller : poller).wait(atMost: reporter.limit(session.timeout))
            wakeUp.clear()
        }
        try writer.stop()
        // What a worker has not read when the connection closes is lost. Without its Goodbye it notices the silence later.
        let answers = Poller(sockets: [listening.socket], in: context)
        let end = ContinuousClock.now + options.goodbyeLimit
        while try session.isAnyLeaving(), ContinuousClock.now < end { try answers.wait(atMost: .milliseconds(20)) }
        metricsReporter.report(isFinal: true) { session.metrics }
        guard let outcome = session.outcome else { preconditionFailure("the loop ends with an outcome") }
        if session.content.sentBytes > 0 {
            log.info("\(session.content.sentBytes) bytes of checkpoints were sent")
        }
        return outcome
    }

    /// Finds out now, rather than at the first worker, whether workers would accept the shards.
    private func check(_ shards: [RunShard], _ factory: ShardFactory) throws {
        // The shards of a method differ in numbers that fit everywhere.
        var checked: Set<String> = []
        for shard in shards where checked.insert(shard.method).inserted {
            let lease = Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: 1))
            let job = factory.job(RunJob(lease: lease, shard: shard), wantsFingerprints: true)
            do {
                _ = try Envelope(frames: Envelope(session: nil, incarnation: nil, .job(job)).frames())
            } catch {
                throw CoordinatorError(.badPlan, "the run cannot be handed out: \(error)")
            }
        }
    }

    /// Says when there are too few batches for every two nodes to be compared.
    private func warnOfUntiedNodes() {
        guard let replicas = plan.sharedReplicas,
            let pairs = PairCoverage.batchesForAllPairs(nodes: plan.workers, replicas: replicas),
            let chain = PairCoverage.batchesForChain(nodes: plan.workers, replicas: replicas), plan.batches < pairs
        else { return }
        let consequence =
            plan.batches < chain
            ? "some nodes are not compared with the others at all, which takes \(chain) batches"
            : "some are compared through others only"
        log.warning(
            "\(plan.batches) batches are too few for every two of \(plan.workers) nodes to share one, which takes \(pairs): \(consequence)"
        )
    }

    /// Does something to the file of the endpoint, and says what to do where that fails.
    private func endpointFile(_ file: String, _ work: (String) throws(FileError) -> Void) throws(CoordinatorError) {
        do throws(FileError) {
            try work(file)
        } catch {
            throw CoordinatorError(
                .unwritableFile,
                "\(file): the endpoint cannot be written there (\(error.reason)); name a file in a folder that you may write to"
            )
        }
    }
}
