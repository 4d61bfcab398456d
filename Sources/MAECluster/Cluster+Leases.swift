extension Cluster {
    /// Takes in what a member says.
    mutating func take(
        _ statement: WorkerStatement, from number: NodeNumber, now: Instant, _ actions: inout [Action]
    ) {
        switch statement {
        case .heartbeat(let progress, let holding):
            send(.heartbeat, to: number, &actions)
            heartbeat(progress, holding, from: number, now: now, &actions)
        case .result(let lease): result(lease, from: number, now: now, &actions)
        case .failure(let lease, let failure):
            guard case .accepted = book.judge(lease, from: number) else {
                // Revoked since, or told before: either way the worker can forget it.
                send(.acknowledge([lease]), to: number, &actions)
                return
            }
            fail(lease, of: number, .failed(failure), now: now, &actions)
            send(.acknowledge([lease]), to: number, &actions)
        case .goodbye: lose(number, .left, &actions)
        }
    }

    /// Takes a lease that went wrong from its node, who may try again.
    mutating func fail(
        _ lease: Lease, of number: NodeNumber, _ cause: Cause, now: Instant, _ actions: inout [Action]
    ) {
        drop(lease, by: number, isTaken: false, now: now)
        end(lease, of: number, cause, isToBlame: true, &actions)
        noteDrained(number, &actions)
    }

    private mutating func result(_ lease: Lease, from number: NodeNumber, now: Instant, _ actions: inout [Action]) {
        switch book.accept(lease, from: number) {
        case .accepted:
            guard let assignment = book[lease] else { return }
            let row = assignment.row
            if let start = drop(lease, by: number, isTaken: false, now: now) { note(now - start, of: row, now: now) }
            shards.count(row, number)
            if assignment.place != .extra { shards.close(row, due: due(row)) }
            actions.append(.store(Job(lease: lease, shard: shards[row]), node: membership.name(of: number)))
        case .beingStored: break
        case .alreadyStored: send(.acknowledge([lease]), to: number, &actions)
        case .rejected(let reason):
            actions.append(.note(.resultRefused(lease, membership.name(of: number), reason)))
            send(.reject(.lease(lease, reason)), to: number, &actions)
        }
    }

    /// Acknowledges a result that is durable now.
    mutating func stored(_ lease: Lease, _ actions: inout [Action]) {
        guard let number = book.stored(lease), membership[number].isPresent else { return }
        send(.acknowledge([lease]), to: number, &actions)
        noteDrained(number, &actions)
    }

    /// Takes a lease from the node that held it, who may want another; returns when the node could begin it.
    @discardableResult
    private mutating func drop(_ lease: Lease, by number: NodeNumber, isTaken: Bool, now: Instant) -> Instant? {
        let start = membership.update(number) { $0.drop(lease, isTaken: isTaken, now: now) }
        arm(number)
        market.wake(number)
        return start
    }

    /// Ends a grant that its node has given up already.
    mutating func end(
        _ lease: Lease, of number: NodeNumber, _ cause: Cause, isToBlame: Bool, _ actions: inout [Action]
    ) {
        guard let assignment = book[lease] else { return }
        let name = membership.name(of: number)
        actions.append(.note(.revoked(lease, name, cause)))
        shards.disengage(assignment.row, number)
        switch book.release(lease, blame: isToBlame ? cause : nil) {
        case .none: return
        case .closed(nil):
            market.doubled.remove(assignment.row)
            market.offer()
        case .closed(let final?):
            shards.close(assignment.row, due: due(assignment.row))
            actions.append(.note(.setAside(lease, name, final)))
        case .pending: offer(assignment.place)
        }
        // What it was engaged in may wait in its own place too.
        if let slot = slots[number], assignment.place != .slot(slot) {
            book.change(.slot(slot)) { $0.rewind() }
            offer(.slot(slot))
        }
        if isToBlame, cause.isCasualty { countCasualty(assignment.row, number, cause, &actions) }
    }

    /// Sets a shard aside everywhere when it has been the end of enough nodes.
    private mutating func countCasualty(
        _ row: Int, _ number: NodeNumber, _ cause: Cause, _ actions: inout [Action]
    ) {
        let (count, nodes) = shards.countCasualty(row, number)
        guard count >= policy.casualties, nodes >= 2, shards.setAside[row] == nil else { return }
        shards.setAside(row, cause)
        actions.append(.note(.setAsideEverywhere(shards[row], cause)))
        for other in membership.present {
            for held in membership[other].held where book[held.lease]?.row == row {
                revoke(held.lease, of: other, cause, now: membership[other].lastHeard, &actions)
            }
        }
    }

    /// Takes one lease back, blaming nobody.
    mutating func revoke(
        _ lease: Lease, of number: NodeNumber, _ cause: Cause, now: Instant, _ actions: inout [Action]
    ) {
        drop(lease, by: number, isTaken: true, now: now)
        send(.revoke(lease), to: number, &actions)
        end(lease, of: number, cause, isToBlame: false, &actions)
    }

    /// Revokes every grant, blaming nobody.
    mutating func revokeAll(_ actions: inout [Action]) {
        guard book.leasedCount > 0 else { return }
        for number in membership.present {
            for held in membership.update(number, { $0.dropAll() }) {
                send(.revoke(held.lease), to: number, &actions)
                end(held.lease, of: number, .runEnded, isToBlame: false, &actions)
            }
        }
    }
}
