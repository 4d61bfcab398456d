import MAEDomain

/// The worker's side of the cluster: greeting, heartbeats, the jobs it holds and the results not yet acknowledged.
///
/// A pure state machine, like ``CoordinatorStateMachine``. A worker is *greeting* until it is welcomed, a *member* until the coordinator
/// falls silent or forgets it (then it greets again, and goes on computing meanwhile), and *gone* after it left. One that is told to
/// drain finishes the job that runs and begins no other; what waits goes back to the coordinator with its Goodbye.
///
/// What it says of itself (`Introduction`), what it is to compute (`Job`) and what comes of it (`Output`) travel through it.
/// What every job passes through is `@inlinable`, for the reason that ``CoordinatorStateMachine`` gives.
public struct WorkerStateMachine<Job: Leased, Introduction: Sendable, Output: Sendable>: Sendable {
    @usableFromInline enum Phase: Sendable, Hashable {
        case greeting(next: Instant)
        case member(nextHeartbeat: Instant)
        case gone
    }

    @usableFromInline struct Running: Sendable {
        @usableFromInline let job: Job
        @usableFromInline var progress: JobProgress?
        @usableFromInline var isCancelled = false

        @usableFromInline var lease: Lease { job.lease }

        @usableFromInline init(job: Job) { self.job = job }
    }

    @usableFromInline struct Unacknowledged: Sendable {
        @usableFromInline var statement: WorkerStatement<Output>
        @usableFromInline var nextSend: Instant

        @usableFromInline init(statement: WorkerStatement<Output>, nextSend: Instant) {
            self.statement = statement
            self.nextSend = nextSend
        }
    }

    /// The session that the worker is in, and its times.
    @usableFromInline struct Session: Sendable {
        @usableFromInline let id: SessionID
        @usableFromInline let times: Welcome

        @usableFromInline init(id: SessionID, times: Welcome) {
            self.id = id
            self.times = times
        }
    }

    /// The name that the worker has now.
    public internal(set) var node: NodeID
    /// The name that it began with.
    @usableFromInline let givenNode: NodeID
    /// Which of the names made of that one it has: the first is that one itself.
    @usableFromInline var nameNumber = 1
    /// When a name that was refused would be free if its node had gone.
    @usableFromInline var nameIsFree: Instant?
    @usableFromInline let incarnation: Incarnation
    @usableFromInline let introduction: Introduction
    @usableFromInline let policy: WorkerPolicy
    @usableFromInline var phase: Phase
    @usableFromInline var greetings = 0
    @usableFromInline var session: Session?
    @usableFromInline var lastHeard: Instant
    /// When it was a member last; before that, when it began.
    @usableFromInline var lastMembership: Instant
    /// The time of the last event.
    @usableFromInline var lastNow: Instant
    /// When to leave at the latest; nil until it is told to drain.
    @usableFromInline var drainDeadline: Instant?
    /// Whether it left because there was no coordinator for too long.
    public internal(set) var hasGivenUp = false
    /// Jobs to be run, in the order in which they were granted.
    @usableFromInline var waiting: [Job] = []
    @usableFromInline var running: Running?
    @usableFromInline var unacknowledged: [Lease: Unacknowledged] = [:]
    /// No later than when the first of them is to be sent: until then they need not be looked at.
    @usableFromInline var resendAlarm: Instant?
    /// How many times it has said what it has in hand.
    @usableFromInline var statements: UInt64 = 0
    /// Whether to send a heartbeat before its time.
    @usableFromInline var isHeartbeatDue = false
    /// The latest grant seen of each lease of this session: a job that comes twice is run once.
    @usableFromInline var latest: [LeaseID: Epoch] = [:]

    /// Leases of which the latest grant is remembered; beyond it, only those in hand are, so that a coordinator that makes leases
    /// up fills no memory.
    @usableFromInline static var mostRemembered: Int { 1 << 16 }

    /// A worker that says its first Hello at the first event.
    public init(
        node: NodeID, incarnation: Incarnation, introduction: Introduction, policy: WorkerPolicy = WorkerPolicy(),
        now: Instant
    ) {
        self.node = node
        givenNode = node
        self.incarnation = incarnation
        self.introduction = introduction
        self.policy = policy
        phase = .greeting(next: now)
        lastHeard = now
        lastMembership = now
        lastNow = now
    }

    /// Takes in one event and returns what is to be done about it, in order.
    @inlinable
    public mutating func handle(_ event: Event, now: Instant) -> [Action] {
        guard phase != .gone else { return [] }
        if let due = nextTick, now > due + policy.lateness {
            // What the coordinator said while this process did not run is still to be heard.
            lastHeard = lastHeard + (now - lastNow)
            lastMembership = lastMembership + (now - lastNow)
        }
        lastNow = now
        var actions: [Action] = []
        switch event {
        case .received(let message): receive(message, now: now, &actions)
        case .progressed(let progress): if running?.lease == progress.lease { running?.progress = progress }
        case .finished(let lease, let output): end(lease, .result(lease, output), now: now, &actions)
        case .failed(let lease, let failure): end(lease, .failure(lease, failure), now: now, &actions)
        case .stopped(let lease): if running?.lease == lease { stopped() }
        case .distrusted(let failure):
            for (lease, item) in unacknowledged {
                guard case .result = item.statement else { continue }
                unacknowledged[lease]?.statement = .failure(lease, failure)
            }
        case .leave: leave(&actions)
        case .drain(let deadline): drainDeadline = min(deadline, drainDeadline ?? deadline)
        case .tick: break
        }
        passTime(now, &actions)
        startNext(&actions)
        leaveIfDue(now, &actions)
        return actions
    }

    /// The jobs that wait for the one that runs.
    public var waitingJobs: [Job] { waiting }

    /// The session that the worker is in; nil before its first Welcome and after a Goodbye.
    public var sessionID: SessionID? { session?.id }

    /// The job that runs, also while it is being stopped.
    public var runningJob: Job? { running?.job }

    /// Whether the worker has left for good.
    public var hasLeft: Bool { phase == .gone }

    /// When to call ``handle(_:now:)`` with ``WorkerEvent/tick`` if nothing else happens before; nil once it has left.
    @inlinable
    public var nextTick: Instant? {
        switch phase {
        case .gone: return nil
        case .greeting(let next): return min(next, policy.patience.map { lastMembership + $0 } ?? next)
        case .member(let nextHeartbeat):
            let silence = lastHeard + (session?.times.silenceTimeout ?? .zero)
            return min(nextHeartbeat, silence, resendAlarm ?? silence, drainDeadline ?? silence)
        }
    }

    @inlinable
    mutating func end(
        _ lease: Lease, _ statement: WorkerStatement<Output>, now: Instant, _ actions: inout [Action]
    ) {
        guard let running, running.lease == lease else { return }
        if running.isCancelled {
            stopped()
        } else {
            self.running = nil
            var nextSend = now
            if case .member = phase {
                say(statement, &actions)
                nextSend = now + policy.resendInterval
            }
            unacknowledged[lease] = Unacknowledged(statement: statement, nextSend: nextSend)
            resendAlarm = min(resendAlarm ?? nextSend, nextSend)
        }
    }

    /// The cancelled job has stopped.
    ///
    /// A heartbeat is due at once, because the coordinator grants nothing while the previous one still names the job.
    @inlinable
    mutating func stopped() {
        running = nil
        isHeartbeatDue = true
    }

    @usableFromInline
    mutating func leave(_ actions: inout [Action]) {
        if case .member = phase { say(.goodbye, &actions) }
        dropAll(&actions)
        phase = .gone
        actions.append(.left)
    }

    /// Leaves when it was told to drain and has nothing to finish, and when it has been without a coordinator for too long.
    @usableFromInline
    mutating func leaveIfDue(_ now: Instant, _ actions: inout [Action]) {
        switch phase {
        case .gone: break
        case .member:
            lastMembership = now
            guard let drainDeadline else { return }
            let isComputing = running.map { !$0.isCancelled } ?? false
            if now >= drainDeadline || (!isComputing && unacknowledged.isEmpty) { leave(&actions) }
        case .greeting:
            // Without a session there is no coordinator to hand anything in to.
            if drainDeadline != nil { return leave(&actions) }
            guard let patience = policy.patience, now >= lastMembership + patience else { return }
            hasGivenUp = true
            leave(&actions)
        }
    }

    @inlinable
    mutating func passTime(_ now: Instant, _ actions: inout [Action]) {
        if case .member(let nextHeartbeat) = phase, let times = session?.times {
            if now >= lastHeard + times.silenceTimeout {
                phase = .greeting(next: now)
            } else {
                if let resendAlarm, now >= resendAlarm { resend(now, &actions) }
                if now >= nextHeartbeat || isHeartbeatDue {
                    phase = .member(nextHeartbeat: now + times.heartbeatInterval)
                    isHeartbeatDue = false
                    sayHeartbeat(&actions)
                }
            }
        }
        if case .greeting(let next) = phase, now >= next {
            phase = .greeting(next: now + policy.nextWait(greetings))
            greetings += 1
            actions.append(.send(.hello(node, incarnation, jobs: policy.mostJobs, introduction)))
        }
    }

    @inlinable
    mutating func resend(_ now: Instant, _ actions: inout [Action]) {
        let due = unacknowledged.filter { now >= $0.value.nextSend }.sorted { $0.key.id < $1.key.id }
        let next = now + policy.resendInterval
        for (lease, item) in due {
            unacknowledged[lease]?.nextSend = next
            say(item.statement, &actions)
        }
        resendAlarm = unacknowledged.values.lazy.map(\.nextSend).min()
    }

    @inlinable
    mutating func startNext(_ actions: inout [Action]) {
        guard running == nil, !waiting.isEmpty, drainDeadline == nil else { return }
        let job = waiting.removeFirst()
        running = Running(job: job)
        actions.append(.start(job))
    }

    @usableFromInline
    mutating func sayHeartbeat(_ actions: inout [Action]) {
        statements += 1
        let running = running
        let unfinished = (running.flatMap { $0.isCancelled ? nil : [$0.lease] } ?? []) + waiting.map(\.lease)
        let inHand = LeasesInHand(
            number: statements, unfinished: unfinished, finished: unacknowledged.keys.sorted { $0.id < $1.id })
        // Named from its start on: a job that never reports progress must be seen to hang.
        let progress = running.map { $0.progress ?? JobProgress(lease: $0.lease, stage: .fetching) }
        say(.heartbeat(progress, inHand), &actions)
    }

    @inlinable
    func say(_ statement: WorkerStatement<Output>, _ actions: inout [Action]) {
        guard let session else { return }
        actions.append(.send(.said(statement, session: session.id, incarnation: incarnation)))
    }
}
