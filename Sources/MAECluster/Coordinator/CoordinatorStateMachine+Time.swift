import MAEDomain

extension CoordinatorStateMachine {
    /// Sets the alarm of a node to when something is due next.
    @usableFromInline
    mutating func arm(_ number: NodeNumber) {
        let member = membership[number]
        guard member.isPresent else { return }
        var first = member.lastHeard + policy.silenceTimeout
        if let limit = member.nextLimit(policy: policy, runLimit: runLimit(of: number)) { first = min(first, limit) }
        if let straggler = speculation.becomesStraggler(member, leases) { first = min(first, straggler) }
        alarms.set(number, at: first)
    }

    /// Looks at a node whose alarm rang.
    @usableFromInline
    mutating func examine(_ number: NodeNumber, _ now: Instant, _ actions: inout [Action]) {
        let member = membership[number]
        guard member.isPresent else { return }
        if now >= member.lastHeard + policy.silenceTimeout { return lose(number, .silent, &actions) }
        if let cause = member.overdue(at: now, policy: policy, runLimit: runLimit(of: number)),
            let first = member.held.first?.lease
        {
            stall(number, on: first, cause, &actions)
        } else if let instant = speculation.becomesStraggler(member, leases), now >= instant,
            let first = member.held.first?.lease
        {
            speculation.add(first, leases)
            scheduler.wakeAll()
        }
        arm(number)
    }

    /// How long the job that a node runs may run.
    func runLimit(of number: NodeNumber) -> Duration {
        guard let row = membership.firstLease(of: number).flatMap({ leases[$0]?.row }) else {
            return policy.leaseLimit
        }
        return speculation.runLimit(method: leases.shards.method(of: row), node: number)
    }

    /// Takes in that the nodes of an identity were sent a part of a file.
    @usableFromInline
    mutating func fetched(_ identity: [UInt8], now: Instant) {
        for number in membership.present where membership[number].peer?.identity == identity {
            membership.fetched(number, now: now)
            arm(number)
        }
    }

    /// Records how long a job took on a node; from the first estimate on, others of its method can be stragglers.
    @usableFromInline
    mutating func record(_ duration: Duration, of row: Int, by node: NodeNumber) {
        let method = leases.shards.method(of: row)
        let formerLimit = speculation.runLimit(method: method, node: nil)
        let formerOwnLimit = speculation.runLimit(method: method, node: node)
        let isFirstEstimate = speculation.record(duration, method: method, node: node)
        // The node itself may be the only one that has a limit yet.
        let isSooner =
            speculation.runLimit(method: method, node: nil) < formerLimit
            || speculation.runLimit(method: method, node: node) < formerOwnLimit
        guard isSooner || isFirstEstimate && leases.shards.isShared(row) else { return }
        for number in membership.present { arm(number) }
    }
}
