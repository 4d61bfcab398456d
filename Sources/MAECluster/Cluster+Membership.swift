extension Cluster {
    /// Answers a Hello.
    mutating func hello(
        _ node: NodeID, _ incarnation: Incarnation, from peer: Peer, now: Instant, _ actions: inout [Action]
    ) {
        guard admits(peer, now: now, &actions) else { return }
        var dropped: [Lease] = []
        let hello = membership.hello(node, incarnation, from: peer, now: now) { dropped = $0.dropAll() }
        switch hello {
        case .rejected(let rejection):
            actions += [.send(.reject(rejection), to: peer), .note(.refused(node, rejection))]
            return
        case .reconnected:
            welcome(node, &actions)
            // The old connection may have lost what was on its way.
            for lease in membership.members[node]?.held.map(\.lease) ?? [] {
                if let assignment = book[lease] {
                    actions.append(.send(.job(Job(lease: lease, shard: assignment.shard)), to: peer))
                }
            }
            return
        case .joined, .returned: break
        }
        if hello == .returned(superseded: true) {
            release(dropped, of: node, .superseded, &actions)
        }
        let (slot, formerOwner) = seat(node)
        actions.append(
            .note(
                hello == .joined
                    ? .joined(node, slot: slot, takingOver: formerOwner)
                    : .returned(node, slot: slot, takingOver: formerOwner)))
        welcome(node, &actions)
    }

    /// Answers a message of somebody who is no member: say Hello again.
    mutating func answerStranger(_ peer: Peer, now: Instant, _ actions: inout [Action]) {
        if admits(peer, now: now, &actions) { actions.append(.send(.reject(.unknownWorker), to: peer)) }
    }

    /// Ends the presence of a node and frees what it held.
    ///
    /// The job it ran counts as one try against it, except after a Goodbye.
    mutating func lose(_ node: NodeID, _ loss: Loss, now: Instant, _ actions: inout [Action]) {
        let dropped = membership.update(node) { $0.dropAll() } ?? []
        membership.lose(node, loss)
        release(dropped, of: node, loss, &actions)
    }

    private mutating func release(_ dropped: [Lease], of node: NodeID, _ loss: Loss, _ actions: inout [Action]) {
        actions.append(.note(.lost(node, loss)))
        for (index, lease) in dropped.enumerated() {
            let isToBlame = index == 0 && loss != .left
            end(lease, of: node, .nodeLost(loss), isToBlame: isToBlame, &actions)
        }
    }

    private func welcome(_ node: NodeID, _ actions: inout [Action]) {
        guard let member = membership.members[node] else { return }
        let welcome = Welcome(
            session: member.session, heartbeatInterval: policy.heartbeatInterval,
            silenceTimeout: policy.silenceTimeout)
        actions.append(.send(.welcome(welcome), to: member.peer))
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
    /// Its own comes first, then one that nobody ever owned, then a lost one with work left for it, then one on top.
    private mutating func seat(_ node: NodeID) -> (slot: Int, formerOwner: NodeID?) {
        if let own = slots[node] { return (own, nil) }
        if let free = slots.owners.firstIndex(of: nil) {
            slots.assign(free, to: node)
            return (free, nil)
        }
        for (slot, owner) in slots.owners.enumerated() {
            guard let owner, !membership.isPresent(owner),
                book.next(in: [.slot(slot)], for: node, preferring: nil) != nil
            else { continue }
            slots.assign(slot, to: node)
            return (slot, owner)
        }
        let slot = slots.open()
        slots.assign(slot, to: node)
        for shard in shards where isDue(shard, in: slot) && !(book.nodes[shard.id]?.contains(node) ?? false) {
            book.add(shard, at: .slot(slot))
        }
        return (slot, nil)
    }
}
