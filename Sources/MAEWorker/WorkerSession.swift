import Glibc
import Logging
import MAECluster
import MAECompute
import MAEWire
import ZeroMQ

/// The state of a running worker: the state machine and what its leases stand for.
struct WorkerSession {
    let options: WorkerOptions
    let hello: Hello
    let incarnation: Incarnation
    let link: CoordinatorLink
    let computation: Computation
    let log: Logger
    private let start = ContinuousClock.now
    private var worker: Worker
    var session: UInt64?
    /// What waits to be computed, by lease: that of the jobs that wait in the state machine, and no other.
    var jobs: [Lease: MAEWire.Job] = [:]
    /// What is being computed.
    private var computing: MAEWire.Job?
    /// What was computed and is not acknowledged yet.
    var results: [Lease: ShardResult] = [:]
    var kept = KeptTensors()
    var waiting = Waiting()
    private(set) var isTakingPart = true
    /// Whether nothing can be computed any more, and the failure of the job that showed it has been sent.
    private(set) var isBroken = false

    init(
        _ options: WorkerOptions, introduction: RunnerIntroduction, _ link: CoordinatorLink, _ computation: Computation,
        _ log: Logger
    ) {
        self.options = options
        self.link = link
        self.computation = computation
        self.log = log
        incarnation = Incarnation(rawValue: .random(in: .min ... .max))
        hello = Hello(
            name: options.node.name, host: options.host, pid: UInt64(getpid()), build: introduction.build,
            backend: introduction.backend, device: introduction.device, isa: introduction.isa,
            threads: introduction.threads, numericClass: introduction.numericClass,
            classReason: introduction.classReason, instructionSets: introduction.instructionSets,
            knownAnswers: introduction.knownAnswers, maximumJobs: 16)
        worker = Worker(
            node: options.node, incarnation: incarnation, policy: options.policy, now: Instant(sinceOrigin: .zero))
    }

    /// How long nothing needs to be done; nil when only a message can bring work.
    var timeout: Duration? {
        [worker.nextTick.map { max($0 - now, .zero) }, link.timeout].compactMap(\.self).min()
    }

    var socket: Socket { link.socket }

    var now: Instant { Instant(sinceOrigin: ContinuousClock.now - start) }

    /// Takes in everything that has come: messages, endings of jobs, progress, and the time.
    mutating func turn() throws {
        for (job, ending) in computation.endings.takeAll() {
            isBroken = computation.breakdown != nil
            try finish(job, ending)
        }
        if let progress = computation.progress, let lease = Lease(progress.lease) {
            try handle(.progressed(lease, step: progress.count))
        }
        try link.attend()
        while let message = try receive() { try take(message) }
        try handle(.tick)
    }

    /// Gives an event to the state machine and carries out what it says.
    mutating func handle(_ event: WorkerEvent) throws {
        for action in worker.handle(event, now: now) { try carryOut(action) }
        // Some were not taken on, or were dropped before they began.
        if jobs.count > worker.waitingCount { jobs = jobs.filter { worker.isWaiting(for: $0.key) } }
    }

    private mutating func carryOut(_ action: WorkerAction) throws {
        switch action {
        case .send(let message): try send(message)
        case .start(let job):
            // Nothing more is begun behind what broke the runner; the worker is about to leave.
            guard !isBroken else { return }
            guard let work = jobs.removeValue(forKey: job.lease) else { return try fail(job) }
            log.info("computing batch \(work.batchIndex), \(work.label)", metadata: .about(work))
            computing = work
            computation.start(work)
        case .cancel(let lease):
            let job = computing?.lease == lease.reference ? computing : nil
            log.info("stopping: no longer wanted", metadata: job.map { .about($0) } ?? .about(lease))
            computation.cancel()
        case .forget(let lease):
            results[lease] = nil
        case .welcomed(let welcome):
            // What belongs to another session is not wanted any more: the state machine has dropped it.
            if session != welcome.session.rawValue { kept = KeptTensors() }
            session = welcome.session.rawValue
            waiting = Waiting()
            log.info("joined the cluster at \(options.endpoint) as \(options.node)")
        case .refused(let rejection):
            var metadata: Logger.Metadata = [:]
            if case .lease(let lease, _) = rejection { metadata = .about(lease) }
            log.warning("the coordinator refused: \(rejection)", metadata: metadata)
        case .parted:
            log.info("parted from the coordinator")
            waiting = Waiting()
            if worker.nextTick == nil { isTakingPart = false }
        }
    }

    private mutating func finish(_ job: MAEWire.Job, _ ending: Computation.Ending) throws {
        computing = nil
        guard let lease = Lease(job.lease) else { return }
        switch ending {
        case .stopped: try handle(.stopped(lease))
        case .failed(let failed):
            if failed.code == ComputeError.Code.deviceMiscomputed.rawValue { distrust(failed) }
            try fail(job, lease, failed)
        case .completed(let output):
            let result = ShardResult(lease: job.lease, shard: job.shard, outcome: .completed(output.completed))
            do {
                // Found out now rather than at each sending: a result beyond the limits of the wire is a failure.
                _ = try Envelope(session: nil, incarnation: nil, .result(result)).frames()
            } catch {
                try fail(
                    job, lease,
                    Failed(
                        code: "resultTooLarge", message: "the result cannot be sent: \(error)",
                        remedy: "use smaller batches", fault: .input))
                return
            }
            kept.keep(output.tensors, of: lease)
            results[lease] = result
            try handle(.finished(lease))
        }
    }

    /// Takes back the results that nobody has acknowledged: they were computed before the check that has failed now.
    private mutating func distrust(_ failed: Failed) {
        for (lease, result) in results {
            guard case .completed = result.outcome else { continue }
            results[lease] = ShardResult(lease: result.lease, shard: result.shard, outcome: .failed(failed.sendable))
        }
    }

    /// Ends a job of which nothing more is known than that it is to run: one that is only dropped would be waited for.
    private mutating func fail(_ job: MAECluster.Job) throws {
        let failed = Failed(
            code: "unexpected", message: "what was to be computed is not known any more",
            remedy: "report this with the worker's log", fault: .internal)
        log.error("\(failed.message)", metadata: .about(job.lease))
        results[job.lease] = ShardResult(
            lease: job.lease.reference, shard: UInt64(job.shard.id.rawValue), outcome: .failed(failed))
        try handle(.failed(job.lease, JobFailure(failed)))
    }

    private mutating func fail(_ job: MAEWire.Job, _ lease: Lease, _ failed: Failed) throws {
        log.error(
            "\(failed.message)", metadata: Logger.Metadata.about(job).merging(["code": "\(failed.code)"]) { $1 })
        results[lease] = ShardResult(lease: job.lease, shard: job.shard, outcome: .failed(failed.sendable))
        try handle(.failed(lease, JobFailure(failed)))
    }
}
