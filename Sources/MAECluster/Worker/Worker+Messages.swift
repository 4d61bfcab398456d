extension Worker {
    /// Takes in what the coordinator says.
    mutating func take(_ message: CoordinatorMessage, now: Instant, _ actions: inout [WorkerAction]) {
        lastHeard = now
        switch message {
        case .welcome(let welcome): enter(welcome, now: now, &actions)
        case .job(let job): queue(job, now: now)
        case .heartbeat: break
        case .acknowledge(let leases): for lease in leases { forget(lease, &actions) }
        case .revoke(let lease): drop(lease, &actions)
        case .reject(let rejection): take(rejection, now: now, &actions)
        case .goodbye:
            dropAll(&actions)
            // The next run may follow at once. A coordinator that is only about to end says Goodbye again and again.
            if membership != nil { greetings = 0 }
            membership = nil
            greet(at: now + policy.nextWait(greetings))
            greetings += 1
            actions.append(.parted)
        }
    }

    /// Drops everything it holds: a session ended.
    mutating func dropAll(_ actions: inout [WorkerAction]) {
        waiting = []
        for lease in unacknowledged.keys.sorted(by: { $0.id < $1.id }) { forget(lease, &actions) }
        if let running { drop(running.lease, &actions) }
        latest = [:]
    }

    private mutating func enter(_ welcome: Welcome, now: Instant, _ actions: inout [WorkerAction]) {
        if welcome.session != membership?.session {
            // It answers an earlier Hello than the one that made it a member.
            if case .member = phase { return }
            dropAll(&actions)
        }
        membership = welcome
        greetings = 0
        // A job of an earlier session may be about to stop: that is not worth naming yet.
        phase = .member(nextHeartbeat: running?.isCancelled == true ? now + welcome.heartbeatInterval : now)
        for lease in unacknowledged.keys { unacknowledged[lease]?.nextSend = now }
        resendAlarm = now
        actions.append(.welcomed(welcome))
    }

    private mutating func queue(_ job: Job, now: Instant) {
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
    }

    /// Gives a job up, also one that is still to come: messages of two connections may overtake each other.
    private mutating func drop(_ lease: Lease, _ actions: inout [WorkerAction]) {
        waiting.removeAll { $0.lease == lease }
        latest[lease.id] = max(lease.epoch, latest[lease.id] ?? lease.epoch)
        forget(lease, &actions)
        if let running, running.lease == lease, !running.isCancelled {
            self.running?.isCancelled = true
            actions.append(.cancel(lease))
        }
    }

    private mutating func forget(_ lease: Lease, _ actions: inout [WorkerAction]) {
        if unacknowledged.removeValue(forKey: lease) != nil { actions.append(.forget(lease)) }
    }

    private mutating func take(_ rejection: Rejection, now: Instant, _ actions: inout [WorkerAction]) {
        switch rejection {
        case .unknownWorker:
            // Many may come for many messages: one Hello answers them all.
            if case .member = phase { greet(at: now) }
            return
        case .nameTaken(let wait), .tooManyHellos(let wait): greet(at: now + max(wait, policy.helloInterval))
        case .clusterFull, .nameNotOfKey: greet(at: now + policy.longestHelloInterval)
        case .lease(let lease, _): drop(lease, &actions)
        }
        actions.append(.refused(rejection))
    }

    private mutating func greet(at instant: Instant) {
        phase = .greeting(next: instant)
    }
}
