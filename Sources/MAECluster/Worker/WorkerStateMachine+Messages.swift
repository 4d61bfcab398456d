import MAEDomain

extension WorkerStateMachine {
    /// Takes in what the coordinator says.
    @inlinable
    mutating func receive(_ message: CoordinatorMessage<Job>, now: Instant, _ actions: inout [Action]) {
        lastHeard = now
        switch message {
        case .welcome(let session, let times): enter(Session(id: session, times: times), now: now, &actions)
        case .job(let job): queue(job, now: now)
        case .heartbeat: break
        case .acknowledge(let leases): for lease in leases { unacknowledged[lease] = nil }
        case .revoke(let lease): drop(lease, &actions)
        case .reject(let rejection): take(rejection, now: now, &actions)
        case .goodbye:
            dropAll(&actions)
            guard !policy.endsWithRun, drainDeadline == nil else {
                phase = .gone
                actions.append(.left)
                return
            }
            // The next run may follow at once. A coordinator that is only about to end repeats its Goodbye.
            if session != nil { greetings = 0 }
            session = nil
            greet(at: now + policy.nextWait(greetings))
            greetings += 1
            actions.append(.left)
        }
    }

    /// Drops everything it holds: a session ended.
    @usableFromInline
    mutating func dropAll(_ actions: inout [Action]) {
        waiting = []
        unacknowledged = [:]
        if let running { drop(running.lease, &actions) }
        latest = [:]
    }

    @usableFromInline
    mutating func enter(_ session: Session, now: Instant, _ actions: inout [Action]) {
        if session.id != self.session?.id {
            // It answers an earlier Hello than the one that made it a member.
            if case .member = phase { return }
            dropAll(&actions)
        }
        self.session = session
        greetings = 0
        nameIsFree = nil
        // A job of an earlier session may be about to stop: that is not worth naming yet.
        phase = .member(nextHeartbeat: running?.isCancelled == true ? now + session.times.heartbeatInterval : now)
        for lease in unacknowledged.keys { unacknowledged[lease]?.nextSend = now }
        resendAlarm = now
        actions.append(.welcomed)
    }

    @inlinable
    mutating func queue(_ job: Job, now: Instant) {
        // It may belong to a session of which the Welcome was lost: after that it comes again.
        guard case .member = phase else { return }
        if let item = unacknowledged[job.lease] {
            unacknowledged[job.lease] = Unacknowledged(statement: item.statement, nextSend: now)
            resendAlarm = now
        }
        guard job.lease.epoch > latest[job.lease.id] ?? Epoch(rawValue: 0) else { return }
        waiting.removeAll { $0.lease.id == job.lease.id }
        latest[job.lease.id] = job.lease.epoch
        waiting.append(job)
        forgetOldLeases()
    }

    /// Gives a job up, also one that is still to come: messages of two connections may overtake each other.
    @inlinable
    mutating func drop(_ lease: Lease, _ actions: inout [Action]) {
        waiting.removeAll { $0.lease == lease }
        latest[lease.id] = max(lease.epoch, latest[lease.id] ?? lease.epoch)
        unacknowledged[lease] = nil
        forgetOldLeases()
        if let running, running.lease == lease, !running.isCancelled {
            self.running?.isCancelled = true
            actions.append(.cancel(lease))
        }
    }

    /// Forgets leases that are not in hand when there are very many: one that comes again late is then run twice at worst.
    @inlinable
    mutating func forgetOldLeases() {
        guard latest.count > Self.mostRemembered else { return }
        let inHand = Set(
            waiting.map(\.lease.id) + unacknowledged.keys.map(\.id) + [running?.lease.id].compactMap(\.self))
        latest = latest.filter { inHand.contains($0.key) }
    }

    @usableFromInline
    mutating func take(_ rejection: Rejection, now: Instant, _ actions: inout [Action]) {
        switch rejection {
        case .unknownWorker:
            // Many may come for many messages: one Hello answers them all.
            if case .member = phase { greet(at: now) }
            return
        case .nameTaken(let wait) where policy.mayTakeOtherName:
            guard !takeOtherName(after: wait, now: now, &actions) else { return }
        case .nameTaken(let wait), .tooManyHellos(let wait): greet(at: now + max(wait, policy.helloInterval))
        case .clusterFull, .nameNotOfKey: greet(at: now + policy.longestHelloInterval)
        case .unsupportedVersion, .malformed, .contentNotHeld: break
        case .result(let lease, _): drop(lease, &actions)
        }
        actions.append(.refused(rejection))
    }

    /// Takes the next name where the own one has stayed a live node's for as long as the coordinator said; returns whether it did.
    ///
    /// A process that was killed leaves its name free after that time: the one that follows it must not pass for another node.
    private mutating func takeOtherName(after wait: Duration, now: Instant, _ actions: inout [Action]) -> Bool {
        let free = nameIsFree ?? now + max(wait, policy.helloInterval)
        guard now >= free else {
            nameIsFree = free
            greet(at: free)
            return false
        }
        nameNumber += 1
        node = givenNode.numbered(nameNumber)
        greet(at: now)
        actions.append(.renamed(node))
        return true
    }

    @usableFromInline
    mutating func greet(at instant: Instant) {
        phase = .greeting(next: instant)
    }
}
