extension Cluster {
    /// Finds who fell silent, whose job came to a standstill, and whether the deadline is reached.
    mutating func passTime(_ now: Instant, _ actions: inout [Action]) {
        guard phase != .ended else { return }
        while let number = alarms.take(now) { examine(number, now, &actions) }
        if now >= plan.deadline {
            close(.deadline)
            revokeAll(&actions)
        }
    }

    /// Takes no account of a time in which this coordinator itself did not run: what its nodes said meanwhile is still to be
    /// heard.
    mutating func forgive(_ time: Duration, now: Instant) {
        for number in membership.present {
            membership.update(number) { $0.forgive(time, now: now) }
        }
    }

    /// Sets the alarm of a node to when something is due next.
    mutating func arm(_ number: NodeNumber) {
        let member = membership[number]
        guard member.isPresent else { return }
        let due = [member.lastHeard + policy.silenceTimeout, member.nextLimit(policy: policy), becomesSlow(member)]
        if let first = due.compactMap(\.self).min() { alarms.set(number, at: first) }
    }

    private mutating func examine(_ number: NodeNumber, _ now: Instant, _ actions: inout [Action]) {
        let member = membership[number]
        guard member.isPresent else { return }
        if now >= member.lastHeard + policy.silenceTimeout { return lose(number, .silent, &actions) }
        if let cause = member.overdue(at: now, policy: policy), let first = member.held.first?.lease {
            stick(number, on: first, cause, &actions)
        } else if let instant = becomesSlow(member), now >= instant, let first = member.held.first?.lease {
            market.slow.removeAll { book[$0].map { !$0.isLeased } ?? true }
            market.slow.append(first)
            market.offer()
        }
        arm(number)
    }

    /// When the job that a node runs counts as slow, if that matters and is not so yet.
    private func becomesSlow(_ member: Member) -> Instant? {
        guard let first = member.held.first, first.begun != nil, let start = first.start,
            let assignment = book[first.lease],
            case .overlap = shards[assignment.row].placement, !shards.isMet(assignment.row),
            let limit = pace.limit(method: shards.method(of: assignment.row)), !market.slow.contains(first.lease)
        else { return nil }
        return start + max(limit, policy.shortestStraggler)
    }

    /// Notes how long a job took.
    mutating func note(_ duration: Duration, of row: Int, now: Instant) {
        let isEnough = pace.note(duration, method: shards.method(of: row))
        guard isEnough, case .overlap = shards[row].placement else { return }
        for number in membership.present { arm(number) }
    }
}
