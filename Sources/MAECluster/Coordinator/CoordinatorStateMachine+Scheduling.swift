import MAEDomain

extension CoordinatorStateMachine {
    /// Gives each node that may want work as many jobs as it may hold.
    @inlinable
    mutating func grantAll(now: Instant, _ actions: inout [Action]) {
        var idle: [NodeNumber] = []
        for number in scheduler.takeRunnable() where membership.canWork(number) {
            let limit = scheduler.leaseLimit(
                mostJobs: membership.mostJobs(of: number),
                typicalDuration: membership.method(of: number).flatMap { speculation.typicalDuration(method: $0) })
            while membership.heldCount(of: number) < limit,
                let work = scheduler.nextWork(for: number, &leases, membership)
            {
                grant(work, to: number, now: now, &actions)
            }
            if membership.heldCount(of: number) == 0 { idle.append(number) }
        }
        var budget = Scheduler.SearchBudget()
        for number in idle {
            if budget.isSpent {
                scheduler.enqueue(number)
            } else if let work = scheduler.unownedWork(for: number, leases, &budget) {
                grant(work, to: number, now: now, &actions)
            } else if budget.isSpent {
                scheduler.enqueue(number)
            } else if !speculate(on: number, now: now, &actions) {
                scheduler.park(number)
            }
        }
    }

    /// Grants the shard of a straggler to an idle node too; false when there is none for it.
    @usableFromInline
    mutating func speculate(on number: NodeNumber, now: Instant, _ actions: inout [Action]) -> Bool {
        guard let (row, straggler) = speculation.candidate(for: number, leases) else { return false }
        let work = Scheduler.Work(place: .extra, position: -1, row: row)
        let job = grant(work, to: number, now: now, &actions)
        speculation.granted(job.lease, row: row)
        actions.append(.note(.speculated(job, membership.name(of: number), straggler: straggler)))
        return true
    }

    @discardableResult
    @inlinable
    mutating func grant(
        _ work: Scheduler.Work, to number: NodeNumber, now: Instant, _ actions: inout [Action]
    ) -> Job<Work> {
        let lease = leases.grant(work.position, of: work.place, row: work.row, to: number)
        let job = Job(lease: lease, shard: shards[work.row])
        membership.add(lease, method: leases.shards.method(of: work.row), to: number, now: now)
        arm(number)
        actions.append(.note(.granted(job, membership.name(of: number))))
        send(.job(job), to: number, &actions)
        return job
    }
}
