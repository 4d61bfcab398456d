import MAEDomain

extension CoordinatorStateMachine {
    /// Takes in what a member says.
    @inlinable
    mutating func receive(
        _ statement: WorkerStatement<Output>, from number: NodeNumber, now: Instant, _ actions: inout [Action]
    ) {
        switch statement {
        case .heartbeat(let progress, let inHand):
            send(.heartbeat, to: number, &actions)
            heartbeat(progress, inHand, from: number, now: now, &actions)
        case .result(let lease, let output): result(lease, output, from: number, now: now, &actions)
        case .failure(let lease, let failure):
            // Otherwise it was revoked since, or told before: either way the worker can forget it.
            if case .accepted = leases.judge(lease, from: number) {
                fail(lease, of: number, .failed(failure), now: now, &actions)
            }
            send(.acknowledge([lease]), to: number, &actions)
        case .goodbye: lose(number, .left, &actions)
        }
    }

    /// Ends a grant that failed; its node may try again.
    @usableFromInline
    mutating func fail(
        _ lease: Lease, of number: NodeNumber, _ cause: Cause, now: Instant, _ actions: inout [Action]
    ) {
        drop(lease, by: number, isTaken: false, now: now)
        end(lease, of: number, cause, isToBlame: true, &actions)
        noteDrained(number, &actions)
    }

    @inlinable
    mutating func result(
        _ lease: Lease, _ output: Output, from number: NodeNumber, now: Instant, _ actions: inout [Action]
    ) {
        switch leases.accept(lease, from: number) {
        case .accepted:
            let start = drop(lease, by: number, isTaken: false, now: now)
            guard let assignment = leases[lease], let job = job(of: lease) else { return }
            if let start { record(now - start, of: assignment.row, by: number) }
            actions.append(.store(job, node: membership.name(of: number), output))
        case .beingStored: break
        case .alreadyStored: send(.acknowledge([lease]), to: number, &actions)
        case .rejected(let reason):
            actions.append(.note(.resultRefused(lease, membership.name(of: number), reason)))
            send(.reject(.result(lease, reason)), to: number, &actions)
        }
    }

    /// Acknowledges a result that is durable now.
    @inlinable
    mutating func stored(_ lease: Lease, _ actions: inout [Action]) {
        guard let number = leases.stored(lease), membership.isPresent(number) else { return }
        send(.acknowledge([lease]), to: number, &actions)
        noteDrained(number, &actions)
    }

    /// Removes a lease from what its node holds, which may want another; returns when the node could start it.
    @discardableResult
    @usableFromInline
    mutating func drop(_ lease: Lease, by number: NodeNumber, isTaken: Bool, now: Instant) -> Instant? {
        let start = membership.drop(lease, of: number, isTaken: isTaken, now: now)
        arm(number)
        scheduler.enqueue(number)
        return start
    }

    /// Ends a grant that its node does not hold any more; with `isToBlame`, it counts as one try of the node.
    mutating func end(
        _ lease: Lease, of number: NodeNumber, _ cause: Cause, isToBlame: Bool, _ actions: inout [Action]
    ) {
        guard leases[lease] != nil else { return }
        let name = membership.name(of: number)
        actions.append(.note(.revoked(lease, name, cause)))
        let ended: Assignment
        switch leases.release(lease, of: number, blame: isToBlame ? cause : nil) {
        case .none: return
        case .dropped(let assignment):
            ended = assignment
            speculation.released(row: assignment.row)
            scheduler.wakeAll()
        case .closed(let assignment, let final):
            ended = assignment
            actions.append(.note(.givenUp(lease, name, final)))
        case .pending(let assignment):
            ended = assignment
            scheduler.offer(assignment.place, leases, membership)
        }
        // The shard may also wait in the slot of the node itself, which may run it now.
        if let slot = scheduler.slot(of: number), ended.place != .slot(slot) {
            leases.rewind(slot: slot)
            scheduler.offer(.slot(slot), leases, membership)
        }
        // Of a node that fell silent it is told later whether its process has ended.
        if isToBlame, cause.isCrash, cause != .nodeLost(.silent) { countCrash(ended.row, of: number, cause, &actions) }
    }

    /// Counts a crash of a node over a shard, which is given up on every node after several.
    mutating func countCrash(_ row: Int, of number: NodeNumber, _ cause: Cause, _ actions: inout [Action]) {
        guard leases.countCrash(row, of: number, cause) else { return }
        actions.append(.note(.quarantined(shards[row], cause)))
        revokeAll(row: row, cause, &actions)
    }

    /// Takes one lease back without blame.
    @usableFromInline
    mutating func revoke(
        _ lease: Lease, of number: NodeNumber, _ cause: Cause, now: Instant, _ actions: inout [Action]
    ) {
        drop(lease, by: number, isTaken: true, now: now)
        send(.revoke(lease), to: number, &actions)
        end(lease, of: number, cause, isToBlame: false, &actions)
    }

    /// Takes all leases of a shard back without blame.
    private mutating func revokeAll(row: Int, _ cause: Cause, _ actions: inout [Action]) {
        for other in membership.present {
            for held in membership[other].held where leases[held.lease]?.row == row {
                revoke(held.lease, of: other, cause, now: membership[other].lastHeard, &actions)
            }
        }
    }

    /// Takes all leases back without blame: the run ends.
    @usableFromInline
    mutating func revokeAll(_ actions: inout [Action]) {
        guard leases.leasedCount > 0 else { return }
        for number in membership.present {
            for held in membership.dropAll(of: number) {
                send(.revoke(held.lease), to: number, &actions)
                end(held.lease, of: number, .runEnded, isToBlame: false, &actions)
            }
        }
    }

    /// Gives up the re-runs asked of a node that cannot run them: no other node may, and it may never come back.
    mutating func abandonReruns(of number: NodeNumber, _ actions: inout [Action]) {
        let member = membership[number]
        let cause: Cause
        switch member.standing {
        case .present where member.stalledLease != nil: cause = .occupied
        case .present where member.isDraining: cause = .drained
        case .present: return
        case .expected: cause = .nodeLost(.silent)
        case .absent(let loss): cause = .nodeLost(loss)
        }
        for lease in leases.abandonReruns(of: number, cause) {
            actions.append(.note(.givenUp(lease, member.node, cause)))
        }
    }
}
