import MAEDomain

extension CoordinatorStateMachine {
    /// Takes in what a node is at, and repairs what the two sides know differently because messages were lost.
    @usableFromInline
    mutating func heartbeat(
        _ progress: JobProgress?, _ inHand: LeasesInHand?, from number: NodeNumber, now: Instant,
        _ actions: inout [Action]
    ) {
        guard case .recorded(let isFreed) = membership.heartbeat(number, progress, inHand, now: now) else { return }
        if isFreed {
            scheduler.reassessSlot(of: number, leases, membership)
            scheduler.enqueue(number)
        }
        arm(number)
        if let lease = progress?.lease, case .rejected = leases.judge(lease, from: number) {
            stall(number, on: lease, nil, &actions)
        }
        if let inHand { reconcile(inHand, with: number, now: now, &actions) }
    }

    /// Gives a node nothing more while it reports that it runs `lease`, and takes back what it holds: jobs that wait behind
    /// one without progress would wait for ever.
    ///
    /// With a `cause`, the lease is the node's and its job counts as a failed try. Without one, the lease was revoked before, by
    /// this coordinator or an earlier one, and nothing is blamed.
    mutating func stall(_ number: NodeNumber, on lease: Lease, _ cause: Cause?, _ actions: inout [Action]) {
        guard membership[number].stalledLease != lease else { return }
        let dropped = membership.stall(number, on: lease)
        scheduler.reassessSlot(of: number, leases, membership)
        for held in dropped {
            send(.revoke(held.lease), to: number, &actions)
            end(held.lease, of: number, cause ?? .occupied, isToBlame: held.lease == lease, &actions)
        }
        abandonReruns(of: number, &actions)
        noteDrained(number, &actions)
    }

    /// Compares the leases that a node has in hand with those granted to it.
    private mutating func reconcile(
        _ inHand: LeasesInHand, with number: NodeNumber, now: Instant, _ actions: inout [Action]
    ) {
        for lease in inHand.unfinished { answer(lease, isFinished: false, to: number, &actions) }
        for lease in inHand.finished { answer(lease, isFinished: true, to: number, &actions) }
        for held in membership[number].held where !inHand.names(held.lease) {
            // Its job may have been on its way when the heartbeat left. Longer each time: the way may be long.
            guard now >= held.lastSent + policy.heartbeatInterval * 1.5 * (1 << held.resends) else { continue }
            if held.resends < Member.mostResends {
                membership.resend(held.lease, to: number, now: now)
                sendJob(held.lease, to: number, &actions)
            } else {
                send(.revoke(held.lease), to: number, &actions)
                let failure = JobFailure(message: "the node does not take the job", fault: .node)
                fail(held.lease, of: number, .failed(failure), now: now, &actions)
            }
        }
    }

    /// Repeats to a node what it must have missed of one lease.
    private func answer(_ lease: Lease, isFinished: Bool, to number: NodeNumber, _ actions: inout [Action]) {
        switch leases.judge(lease, from: number) {
        // The result was lost: the node sends it again when it is told of the job again.
        case .accepted: if isFinished { sendJob(lease, to: number, &actions) }
        case .beingStored: break
        case .alreadyStored: send(.acknowledge([lease]), to: number, &actions)
        case .rejected: send(.revoke(lease), to: number, &actions)
        }
    }

    /// Sends the job of a lease that the node holds.
    func sendJob(_ lease: Lease, to number: NodeNumber, _ actions: inout [Action]) {
        if let job = job(of: lease) { send(.job(job), to: number, &actions) }
    }
}
