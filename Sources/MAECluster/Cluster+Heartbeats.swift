extension Cluster {
    /// Takes in what a node is at, and puts right what the two sides know differently because messages were lost.
    mutating func heartbeat(
        _ progress: Progress?, _ holding: Holding?, from number: NodeNumber, now: Instant, _ actions: inout [Action]
    ) {
        if let holding, !membership.update(number, { $0.isNews(holding) }) { return }
        if membership.update(number, { $0.note(progress, now: now) }) {
            if let slot = slots[number] { reassess(slot) }
            market.wake(number)
        }
        membership.update(number) { $0.note(holding, now: now) }
        arm(number)
        if let lease = progress?.lease, case .rejected = book.judge(lease, from: number) {
            stick(number, on: lease, nil, &actions)
        }
        if let holding { reconcile(holding, with: number, now: now, &actions) }
    }

    /// Gives a node nothing more while it reports that it runs `lease`, and takes back what it holds: what waits behind a
    /// job that stands still would wait for ever.
    ///
    /// The job itself is to blame when it is the node's (`cause`), and nothing is when it is not: when it was taken from
    /// the node, by this coordinator or by an earlier one.
    mutating func stick(_ number: NodeNumber, on lease: Lease, _ cause: Cause?, _ actions: inout [Action]) {
        guard membership[number].stuckOn != lease else { return }
        let dropped = membership.update(number) { member in
            member.stick(on: lease)
            return member.dropAll()
        }
        if let slot = slots[number] { reassess(slot) }
        for held in dropped {
            send(.revoke(held.lease), to: number, &actions)
            end(held.lease, of: number, cause ?? .occupied, isToBlame: held.lease == lease, &actions)
        }
        giveUpQuestions(to: number, &actions)
        noteDrained(number, &actions)
    }

    /// Holds what a node has in hand against the book.
    private mutating func reconcile(
        _ holding: Holding, with number: NodeNumber, now: Instant, _ actions: inout [Action]
    ) {
        for lease in holding.unfinished { answer(lease, isFinished: false, to: number, &actions) }
        for lease in holding.finished { answer(lease, isFinished: true, to: number, &actions) }
        for held in membership[number].held where !holding.names(held.lease) {
            // Its job may have been on its way when the heartbeat left. Longer each time: the way may be long.
            guard now >= held.sent + policy.heartbeatInterval * 1.5 * (1 << held.resends) else { continue }
            if held.resends < Member.mostResends {
                membership.update(number) { $0.resend(held.lease, now: now) }
                sendJob(held.lease, to: number, &actions)
            } else {
                send(.revoke(held.lease), to: number, &actions)
                fail(held.lease, of: number, .failed(.jobNotTaken), now: now, &actions)
            }
        }
    }

    /// Repeats to a node what it must have missed of one lease.
    private func answer(_ lease: Lease, isFinished: Bool, to number: NodeNumber, _ actions: inout [Action]) {
        switch book.judge(lease, from: number) {
        // The result was lost: the node sends it again when it is told of the job again.
        case .accepted: if isFinished { sendJob(lease, to: number, &actions) }
        case .beingStored: break
        case .alreadyStored: send(.acknowledge([lease]), to: number, &actions)
        case .rejected: send(.revoke(lease), to: number, &actions)
        }
    }

    /// Sends the job of a lease that the node holds.
    func sendJob(_ lease: Lease, to number: NodeNumber, _ actions: inout [Action]) {
        guard let assignment = book[lease] else { return }
        send(.job(Job(lease: lease, shard: shards[assignment.row])), to: number, &actions)
    }
}
