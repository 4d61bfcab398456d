extension Cluster {
    /// Answers a Hello.
    mutating func hello(
        _ node: NodeID, _ incarnation: Incarnation, jobs: Int, from peer: Peer, now: Instant,
        _ actions: inout [Action]
    ) {
        guard admits(peer, now: now, &actions) else { return }
        guard membership.hasRoom(for: node) else { return refuse(.clusterFull, node, peer, &actions) }
        let number = membership.number(of: node)
        let former = membership[number]
        let hello = membership.hello(number, incarnation, from: peer, now: now) { _ = $0.dropAll() }
        switch hello {
        case .rejected(let rejection): return refuse(rejection, node, peer, &actions)
        case .reconnected:
            welcome(number, &actions)
            // The old connection may have lost what was on its way.
            for held in membership[number].held { sendJob(held.lease, to: number, &actions) }
            return
        case .joined, .returned: membership.update(number) { $0.mostJobs = max(jobs, 1) }
        }
        if hello == .returned(superseded: true) {
            release(former, number, .superseded, &actions)
        }
        let (slot, formerOwner) = seat(number)
        actions.append(
            .note(
                hello == .joined
                    ? .joined(node, slot: slot, takingOver: formerOwner)
                    : .returned(node, slot: slot, takingOver: formerOwner)))
        welcome(number, &actions)
        alarms.set(number, at: now + policy.silenceTimeout)
        reassess(slot)
        market.wake(number)
    }

    /// Answers a message of somebody who is no member: say Hello again.
    mutating func answerStranger(_ peer: Peer, now: Instant, _ actions: inout [Action]) {
        if admits(peer, now: now, &actions) { actions.append(.send(.reject(.unknownWorker), to: peer)) }
    }

    /// Ends the presence of a node and frees what it held.
    ///
    /// The job it ran counts as one try against it, except after a Goodbye or an expulsion.
    mutating func lose(_ number: NodeNumber, _ loss: Loss, _ actions: inout [Action]) {
        let former = membership[number]
        membership.update(number) { _ = $0.dropAll() }
        membership.lose(number, loss)
        release(former, number, loss, &actions)
        if let slot = slots[number] { reassess(slot) }
        giveUpQuestions(to: number, &actions)
    }

    /// Ends the presence of everybody with an identity.
    mutating func expel(_ identity: [UInt8], _ actions: inout [Action]) {
        for number in membership.present where membership[number].peer?.identity == identity {
            lose(number, .expelled, &actions)
        }
    }

    private mutating func release(
        _ former: Member, _ number: NodeNumber, _ loss: Loss, _ actions: inout [Action]
    ) {
        actions.append(.note(.lost(membership.name(of: number), loss)))
        for held in former.held {
            let isToBlame = loss.isSuspicious && former.mayRun(held)
            end(held.lease, of: number, .nodeLost(loss), isToBlame: isToBlame, &actions)
        }
    }

    private func refuse(_ rejection: Rejection, _ node: NodeID, _ peer: Peer, _ actions: inout [Action]) {
        actions += [.send(.reject(rejection), to: peer), .note(.refused(node, rejection))]
    }

    private func welcome(_ number: NodeNumber, _ actions: inout [Action]) {
        guard let connection = membership[number].connection else { return }
        let welcome = Welcome(
            session: connection.session, heartbeatInterval: policy.heartbeatInterval,
            silenceTimeout: policy.silenceTimeout)
        send(.welcome(welcome), to: number, &actions)
    }

    private mutating func admits(_ peer: Peer, now: Instant, _ actions: inout [Action]) -> Bool {
        switch limiter.count(peer, now: now) {
        case .pass: return true
        case .refuse:
            let wait = (limiter.windowEnd ?? now) - now
            actions.append(.send(.reject(.tooManyHellos(retryAfter: wait)), to: peer))
            return false
        case .ignore: return false
        }
    }

    /// Gives a node a slot, and names the owner it had before if it was taken over.
    ///
    /// Its own comes first, then one that nobody ever owned, then one whose owner is lost or drained with work left for the
    /// node, then one on top.
    mutating func seat(_ number: NodeNumber) -> (slot: Int, formerOwner: NodeID?) {
        if let own = slots[number] { return (own, nil) }
        if let free = slots.free {
            slots.assign(free, to: number)
            return (free, nil)
        }
        for slot in market.stranded {
            guard let owner = slots.owners[slot], isAway(owner), hasWork(slot, for: number) else { continue }
            slots.assign(slot, to: number)
            book.change(.slot(slot)) { $0.rewind() }
            return (slot, membership.name(of: owner))
        }
        let slot = slots.open()
        slots.assign(slot, to: number)
        openQueue(of: slot)
        return (slot, nil)
    }

    private func isAway(_ owner: NodeNumber) -> Bool {
        let owner = membership[owner]
        return !owner.isPresent || (owner.isDraining && owner.held.isEmpty)
    }

    private func hasWork(_ slot: Int, for number: NodeNumber) -> Bool {
        let queue = book.slots[slot]
        var position = 0
        while let next = queue.pending.next(from: position) {
            if shards.isWanted(queue.row(at: next), from: number) { return true }
            position = next + 1
        }
        return false
    }
}
