extension Cluster {
    /// Takes in what a member says.
    mutating func take(_ statement: WorkerStatement, from node: NodeID, now: Instant, _ actions: inout [Action]) {
        guard let peer = membership.members[node]?.peer else { return }
        switch statement {
        case .heartbeat(let progress):
            _ = membership.update(node) { $0.note(progress, now: now) }
            actions.append(.send(.heartbeat, to: peer))
        case .result(let lease): result(lease, from: node, at: peer, now: now, &actions)
        case .failure(let lease, let failure):
            guard case .accepted = book.judge(lease, from: node) else {
                // Revoked since, or told before: either way the worker can forget it.
                actions.append(.send(.acknowledge(lease), to: peer))
                return
            }
            _ = membership.update(node) { $0.drop(lease, now: now) }
            let cause = failure.isInputFault ? Cause.badInput(failure.message) : .failed(failure.message)
            end(lease, of: node, cause, isToBlame: true, &actions)
            actions.append(.send(.acknowledge(lease), to: peer))
        case .goodbye: lose(node, .left, now: now, &actions)
        }
    }

    private mutating func result(
        _ lease: Lease, from node: NodeID, at peer: Peer, now: Instant, _ actions: inout [Action]
    ) {
        switch book.accept(lease, from: node) {
        case .accepted:
            _ = membership.update(node) { $0.drop(lease, now: now) }
            guard let assignment = book[lease] else { return }
            actions.append(.store(Job(lease: lease, shard: assignment.shard), node: node))
        case .beingStored: break
        case .alreadyStored: actions.append(.send(.acknowledge(lease), to: peer))
        case .rejected(let reason):
            actions += [
                .note(.resultRefused(lease, node, reason)), .send(.reject(.lease(lease, reason)), to: peer),
            ]
        }
    }

    /// Acknowledges a result that is durable now.
    mutating func stored(_ lease: Lease, _ actions: inout [Action]) {
        guard let node = book.stored(lease), let member = membership.members[node], member.isPresent else { return }
        actions.append(.send(.acknowledge(lease), to: member.peer))
    }

    /// Ends a grant that its node has given up already.
    mutating func end(
        _ lease: Lease, of node: NodeID, _ cause: Cause, isToBlame: Bool, _ actions: inout [Action]
    ) {
        actions.append(.note(.revoked(lease, node, cause)))
        if let final = book.release(lease, blame: isToBlame ? cause : nil) {
            actions.append(.note(.setAside(lease, node, final)))
        }
    }

    /// Revokes every grant, blaming nobody.
    mutating func revokeAll(_ actions: inout [Action]) {
        for member in membership.present {
            for lease in membership.update(member.node, { $0.dropAll() }) ?? [] {
                actions.append(.send(.revoke(lease), to: member.peer))
                end(lease, of: member.node, .runEnded, isToBlame: false, &actions)
            }
        }
    }

    /// Finds who fell silent, whose job came to a standstill, and whether the deadline is reached.
    mutating func passTime(_ now: Instant, _ actions: inout [Action]) {
        guard phase != .ended else { return }
        for member in membership.present where now >= member.lastHeard + policy.silenceTimeout {
            lose(member.node, .silent, now: now, &actions)
        }
        for member in membership.present {
            guard let cause = member.overdue(at: now, policy: policy), let first = member.held.first?.lease else {
                continue
            }
            // What waits behind a job that stands still would wait for ever: all leases go back.
            let dropped = membership.update(member.node) { member in
                member.stuckOn = first
                return member.dropAll()
            }
            for lease in dropped ?? [] {
                actions.append(.send(.revoke(lease), to: member.peer))
                end(lease, of: member.node, cause, isToBlame: lease == first, &actions)
            }
        }
        if now >= plan.deadline {
            close(.deadline)
            revokeAll(&actions)
        }
    }
}
