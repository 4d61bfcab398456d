import Foundation
import Logging
import MAECluster
import MAEDomain
import MAEStore
import MAEText
import MAEVerify
import MAEWire
import ZeroMQ

/// The state of a run under way: the state machine and what its leases and nodes stand for.
struct CoordinatorSession {
    let plan: RunPlan
    let options: CoordinatorOptions
    let transport: any CoordinatorTransport
    /// Who may take part; nil where no keys are used.
    let authorizer: KeyAuthorizer?
    /// The peers that were turned away.
    let refusals: RefusalList
    let journal: any RunJournal
    let log: Logger
    private let clock: () -> Instant
    var machine: RunMachine
    var factory: ShardFactory
    var tally: RunTally
    var content: ContentServer
    /// What each node said of itself when it joined last.
    var identities: [NodeID: NodeIdentity] = [:]
    /// Nodes and methods whose fingerprints of weights have come already: they are asked for once.
    var fingerprinted: Set<FingerprintsKey> = []
    /// What is to be recorded.
    var changes = Changes()
    var statuses = StatusJournal()
    var counters = RunCounters()
    /// Nodes that are to be drained.
    var drains: Set<String> = []
    var outbox = Outbox()
    /// Workers that were sent a Goodbye.
    var leaving: Set<Peer> = []
    private var storing: [Lease] = []
    /// Bytes of the results among the changes.
    private var arrivedBytes = 0
    private var settled: RunSummary<ShardWork>?
    private var rounds = 0
    /// What ended the run from outside, if something did.
    private(set) var interruption: RunCircumstances.Ending?
    /// What the run came to before anything was run again.
    private var summary: RunSummary<ShardWork>?
    /// Messages that could not be read.
    var unreadable = SparseCount()
    /// Hellos under a name that the sender's key was not added under.
    var nameMismatches = SparseCount()
    /// Lines that peers may cause.
    var lines = LineLimiter()
    /// What peers take of this thread's time.
    var shares: PeerShares
    /// Peers that were over their share.
    var exclusions = Exclusions()
    /// When the keys are looked at again.
    private var nextRefresh = Instant(sinceOrigin: .zero)
    /// Whether the keys cannot be read, so that no node is given work.
    private var areKeysUnreadable = false
    /// Whether so much waits for the disk that no message is received: back-pressure.
    ///
    /// The state machine gets no tick meanwhile, and takes the next one for a late one, which extends all deadlines: no worker
    /// is blamed for a silence that is the coordinator's own.
    private(set) var isReceivePaused = false
    private(set) var outcome: RunOutcome?
    /// The process whose Hello is being handled; nil meanwhile.
    var greeting: UInt64?
    /// Nodes that are drained, each with the batches that waited for another in its place when that was told.
    var drainedNodes: [NodeID: Int] = [:]

    struct FingerprintsKey: Hashable {
        let node: NodeID
        let method: String
    }

    init(
        _ plan: RunPlan, _ options: CoordinatorOptions, _ resumption: Resumption?, _ factory: ShardFactory,
        firstShards: [RunShard], _ access: CoordinatorAccess, content: ContentServer, journal: any RunJournal,
        log: Logger, clock: @escaping () -> Instant
    ) {
        self.plan = plan
        self.options = options
        self.factory = factory
        transport = access.transport
        authorizer = access.authorizer
        refusals = access.refusals
        self.content = content
        self.journal = journal
        self.log = log
        self.clock = clock
        shares = PeerShares(heartbeatInterval: options.policy.heartbeatInterval)
        let stored = (resumption?.stored ?? []).compactMap { result in
            result.shard >= firstShards.count
                ? nil
                : NodeID(result.node).map {
                    RunHistory.StoredResult(shard: ShardID(rawValue: result.shard), node: $0)
                }
        }
        let history = RunHistory(
            nodes: (resumption?.nodes ?? []).compactMap(NodeID.init), results: stored,
            lastEpoch: .before(start: resumption?.start ?? 1))
        let work = WorkPlan(
            workers: plan.workers, shards: firstShards, deadline: Instant(sinceOrigin: options.timeout),
            history: history)
        machine = RunMachine(
            plan: work, policy: options.policy, firstSession: SessionID(rawValue: .random(in: 1 ... .max / 2)))
        tally = RunTally(
            endpoint: access.endpoint, expected: plan.workers, done: stored.count,
            total: firstShards.count * (plan.sharedReplicas ?? plan.workers),
            share: plan.sharedReplicas == nil ? firstShards.count : nil,
            methods: Self.methods(plan, firstShards))
        for result in stored { tally.recall(firstShards[result.shard.rawValue].method, of: result.node) }
    }

    /// What each loading method is to give.
    private static func methods(_ plan: RunPlan, _ shards: [RunShard]) -> [RunTally.Method] {
        let counts = Dictionary(grouping: shards, by: \.method).mapValues(\.count)
        return plan.methods.map { method in
            let count = counts[method.label] ?? 0
            return RunTally.Method(
                label: method.label, expected: count * (plan.sharedReplicas ?? plan.workers),
                share: plan.sharedReplicas == nil ? count : nil)
        }
    }

    /// How long nothing needs to be done unless a message comes: a second at most, for the journal.
    var timeout: Duration {
        let due = [isReceivePaused ? nil : machine.nextTick, authorizer.map { _ in nextRefresh }].compactMap(\.self)
            .reduce(
                statuses.next, min)
        let tick = max(due - now, .zero)
        return outbox.isHeldUp ? min(tick, Outbox.retryInterval) : tick
    }

    /// How far the run is.
    var progress: RunProgress { tally.progress(elapsed: now.sinceOrigin) }

    var now: Instant { clock() }

    /// Revokes what runs and ends the run.
    mutating func interrupt(_ ending: RunCircumstances.Ending) {
        guard interruption == nil else { return }
        interruption = ending
        handle(.cancel)
    }

    /// Takes in what has come and carries out everything that follows from it.
    mutating func turn(followUp: FollowUp.Choice) throws {
        expelRevoked()
        if let drains = journal.takeDrains() { take(drains: drains) }
        for lease in try journal.takeStored() {
            counters.stored += 1
            handle(.stored(lease))
        }
        try listen()
        if now >= statuses.next { noteStatuses() }
        repeat {
            if !changes.isEmpty {
                journal.post(changes, acknowledging: storing)
                changes = Changes()
                arrivedBytes = 0
                storing = []
            }
            try sendAll()
            if let settled {
                self.settled = nil
                try conclude(settled, followUp: followUp)
            }
        } while !changes.isEmpty || !outbox.isEmpty || settled != nil
        // After everything that others wait for: a part of it, and more at the next turn.
        try content.serve(transport)
        for identity in content.takeFetching() { handle(.fetched(identity: identity)) }
    }

    /// Takes in the messages that have come, unless too much waits for the disk.
    private mutating func listen() throws {
        // A flood must not keep results from being acknowledged.
        for _ in 0..<256 {
            isReceivePaused = journal.isFull(with: arrivedBytes)
            guard !isReceivePaused, try receive() else { break }
        }
        if !isReceivePaused { handle(.tick) }
    }

    /// Looks at the keys now and then, and shuts out peers that may not take part any more.
    ///
    /// While the keys cannot be read, no node gets work: its key may have been revoked.
    private mutating func expelRevoked() {
        guard let authorizer, now >= nextRefresh else { return }
        nextRefresh = now + KeyAuthorizer.interval
        let refresh = authorizer.refresh()
        for identity in refresh.expelled {
            transport.disconnect(identity)
            outbox.drop(identity)
            content.drop(identity)
            handle(.expel(identity: identity))
        }
        guard areKeysUnreadable != (refresh.fault != nil) else { return }
        areKeysUnreadable.toggle()
        if let fault = refresh.fault {
            log.error("the keys cannot be read, and no node gets work until they can: \(fault)")
            handle(.suspendGrants)
        } else {
            log.notice("the keys can be read again, and nodes get work again")
            handle(.resumeGrants)
        }
    }

    /// Gives an event to the state machine and notes what it says is to be done.
    mutating func handle(_ event: RunMachine.Event) {
        let actions = machine.handle(event, now: now)
        for (index, action) in actions.enumerated() {
            // That a job is given back and given up is one thing to tell.
            let next = index + 1 < actions.count ? actions[index + 1] : nil
            switch action {
            case .send(let message, let peer): outbox.add(message, to: peer)
            case .store(let job, let node, let result): record(result.completed, job, node)
            case .note(let notice): note(notice, before: next)
            case .settled(let summary): settled = summary
            case .ended(let last):
                let summary = self.summary ?? last
                outcome = RunOutcome(
                    summary: summary, ending: ending(summary), refused: refusals.peers,
                    failures: failures(summary) + failedChecks(last), lost: lostNodes(summary))
                noteStatuses()
            }
        }
    }

    /// Puts an accepted result among what is to be recorded.
    private mutating func record(_ completed: Completed, _ job: RunJob, _ node: NodeID) {
        guard let identity = identities[node] else {
            preconditionFailure("a result is accepted from a node that said Hello")
        }
        let work = job.shard.work
        let observation = Observation(
            completed, node: identity, method: work.method, batch: factory.batch(of: job.shard),
            attempt: work.attempt, noise: factory.noise(of: job.shard))
        let record = ResultRecord(shard: job.shard.id.rawValue, observation: observation, received: Date())
        changes.results.append(record)
        arrivedBytes += record.byteCount
        if completed.weights.fingerprints != nil {
            fingerprinted.insert(FingerprintsKey(node: node, method: job.shard.method))
        }
        storing.append(job.lease)
        tally.note(output: completed.digests.layernorm, of: job, from: identity)
        tally.finish(job, on: node)
    }

    /// Runs shards again when results disagree, asks nodes for what is drawn for the run alone, and ends the run otherwise.
    private mutating func conclude(
        _ summary: RunSummary<ShardWork>, followUp: FollowUp.Choice
    ) throws {
        if self.summary == nil { self.summary = summary }
        guard summary.ending == .finished, rounds < options.followUpRounds else { return handle(.finish) }
        rounds += 1
        let results = try journal.results()
        // A node that has left, that is stalled, or that gets no more work cannot run anything more.
        let able = machine.overview.nodes.filter(\.canWork).map(\.node)
        let questions = followUp(rounds, results).filter { question in
            able.contains { $0.name == question.cell.node }
        }
        let reruns = factory.reruns(questions, attempt: rounds)
        let checks = rounds > 1 ? [] : factory.freshShards(for: able, after: results.whole)
        guard !(reruns + checks).isEmpty else { return handle(.finish) }
        if !reruns.isEmpty {
            log.notice(
                "results disagree: running \(NumberText.count(reruns.count, "shard")) again to find the operation (round \(rounds) of \(options.followUpRounds))"
            )
        }
        changes.shards += (reruns + checks).map(ShardRecord.init)
        tally.follow(up: reruns.isEmpty ? .checking : .explaining, reruns.count + checks.count)
        handle(.rerun(reruns + checks))
    }
}
