import Logging
import MAECluster
import MAECompute
import MAEDomain
import MAEText
import MAEWire

extension JobRequest: Leased {}

/// The state of a running worker: the state machine with a socket, a clock and something that computes.
struct WorkerSession {
    /// The machine, which carries jobs and results as they travel.
    typealias Machine = WorkerStateMachine<JobRequest, NodeIdentity, Completed>

    let options: WorkerOptions
    let incarnation: Incarnation
    let channel: any CoordinatorChannel
    let executor: any JobExecutor
    private(set) var log: Logger
    private let clock: () -> Instant
    private(set) var machine: Machine
    var reminder = HelloReminder()
    /// Lines that the coordinator may cause.
    var lines = LineLimiter()
    private(set) var isTakingPart = true
    /// Whether nothing can be computed any more, and the failure of the job that showed it has been sent.
    private(set) var isBroken = false
    /// Shards that it has computed since it came to this coordinator.
    private var computed = 0
    /// The result that the machine is taking in: the machine sends it at once where the worker is in a session.
    private(set) var encodedResult: (lease: Lease, session: SessionID?, frames: [[UInt8]])?

    init(
        _ options: WorkerOptions, _ identity: NodeIdentity, _ channel: any CoordinatorChannel,
        _ executor: any JobExecutor, _ log: Logger, clock: @escaping () -> Instant
    ) {
        self.options = options
        self.channel = channel
        self.executor = executor
        self.log = log
        self.clock = clock
        incarnation = Incarnation(rawValue: .random(in: .min ... .max))
        machine = Machine(
            node: options.node, incarnation: incarnation, introduction: identity, policy: options.policy,
            now: clock())
    }

    /// How long nothing needs to be done; nil when only a message can bring work.
    var timeout: Duration? {
        [machine.nextTick.map { max($0 - now, .zero) }, channel.timeout].compactMap(\.self).min()
    }

    var now: Instant { clock() }

    /// Takes in everything that has come: messages, endings of jobs, progress, and the time.
    mutating func turn() throws {
        for (job, ending) in executor.takeEndings() {
            isBroken = executor.breakdown != nil
            try finish(job, ending)
        }
        if let progress = executor.progress { try handle(.progressed(progress)) }
        try channel.attend()
        while let message = try receive() { try take(message) }
        try handle(.tick)
    }

    /// Ends taking part once the job that runs is handed in, and after `grace` at the latest.
    mutating func drain(within grace: Duration) throws {
        try handle(.drain(by: now + grace))
        guard isTakingPart, let job = machine.runningJob else { return }
        log.info("finishing the job in hand first", metadata: .about(job))
    }

    /// Gives an event to the state machine and carries out what it says.
    mutating func handle(_ event: Machine.Event) throws {
        for action in machine.handle(event, now: now) { try carryOut(action) }
    }

    private mutating func carryOut(_ action: Machine.Action) throws {
        switch action {
        case .send(let message): try send(message)
        case .start(let job):
            // Nothing more is started behind the job that broke the runner; the worker is about to leave.
            guard !isBroken else { return }
            log.debug("computing batch \(job.batchIndex), \(job.label)", metadata: .about(job))
            executor.start(job)
        case .cancel(let lease):
            log.info("stopping: no longer wanted", metadata: machine.runningJob.map { .about($0) } ?? .about(lease))
            executor.cancel()
        case .welcomed:
            reminder = HelloReminder()
            log.info("joined the cluster at \(options.address) as \(machine.node)")
        case .refused(.nameTaken) where options.policy.mayTakeOtherName:
            let node = machine.node
            writeLine(.info, "refused") { "a node has the name \(node): waiting in case its process has ended" }
        case .refused(let rejection):
            var metadata: Logger.Metadata = [:]
            if case .result(let lease, _) = rejection { metadata = .about(lease) }
            writeLine(.warning, "refused", metadata) { "the coordinator refused: \(rejection)" }
        case .renamed(let node):
            log.notice("a live node has the name: this worker, which was given none, is \(node)")
            log[metadataKey: "node"] = "\(node)"
        case .left:
            let work = computed > 0 ? ", after \(NumberText.count(computed, "shard"))" : ""
            log.info("parted from the coordinator\(work)")
            computed = 0
            reminder = HelloReminder()
            if machine.hasLeft { isTakingPart = false }
        }
    }

    private mutating func finish(_ job: JobRequest, _ ending: JobEnding) throws {
        switch ending {
        case .stopped: try handle(.stopped(job.lease))
        case .failed(let failure):
            if failure.code == ComputeError.Code.deviceMiscomputed.rawValue {
                // Results that are not acknowledged yet were computed before the check that has failed now.
                try handle(.distrusted(failure.sendable))
            }
            try fail(job, failure)
        case .completed(let completed):
            do {
                // Encoded before the machine has it: a result beyond the limits of the wire is a failure of its job.
                let result = ShardResult(lease: job.lease, outcome: .completed(completed))
                let session = machine.sessionID
                encodedResult = (job.lease, session, try frames(.result(result), session: session))
            } catch {
                return try fail(
                    job,
                    JobFailure(
                        code: "resultTooLarge", message: "the result cannot be sent: \(error)",
                        remedy: "use smaller batches", fault: .input))
            }
            computed += 1
            defer { encodedResult = nil }
            try handle(.finished(job.lease, completed))
        }
    }

    private mutating func fail(_ job: JobRequest, _ failure: JobFailure) throws {
        log.error(
            "\(failure.message)", metadata: Logger.Metadata.about(job).merging(["code": "\(failure.code)"]) { $1 })
        try handle(.failed(job.lease, failure.sendable))
    }
}
