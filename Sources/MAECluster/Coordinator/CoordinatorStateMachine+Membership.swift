import MAEDomain

extension CoordinatorStateMachine {
    /// Answers a Hello.
    @usableFromInline
    mutating func hello(
        _ node: NodeID, _ incarnation: Incarnation, jobs: Int, _ introduction: Introduction, from peer: Peer,
        now: Instant, _ actions: inout [Action]
    ) {
        guard admits(peer, now: now, &actions) else { return }
        guard membership.hasRoom(for: node) else { return refuse(.clusterFull, node, peer, &actions) }
        let number = membership.number(of: node)
        let isNew: Bool
        switch membership.hello(number, incarnation, jobs: jobs, from: peer, now: now) {
        case .rejected(let rejection): return refuse(rejection, node, peer, &actions)
        case .reconnected:
            welcome(number, &actions)
            // The old connection may have lost what was on its way.
            for held in membership[number].held { sendJob(held.lease, to: number, &actions) }
            return
        case .joined: isNew = true
        case .returned(let superseded, let suspicions, let isSameProcess):
            isNew = false
            if let superseded { release(superseded, number, .superseded, &actions) }
            settle(suspicions, of: number, isSameProcess: isSameProcess, &actions)
        }
        scheduler.forgetSearch(of: number)
        let (slot, former) = scheduler.seat(number, &leases, membership)
        actions.append(
            .note(
                isNew
                    ? .joined(node, introduction, slot: slot, takingOver: former)
                    : .returned(node, introduction, slot: slot, takingOver: former)))
        welcome(number, &actions)
        alarms.set(number, at: now + policy.silenceTimeout)
        scheduler.reassessSlot(of: number, leases, membership)
        scheduler.enqueue(number)
    }

    /// Whether to answer a peer that is no member; says so when it sent too many messages.
    @usableFromInline
    mutating func admits(_ peer: Peer, now: Instant, _ actions: inout [Action]) -> Bool {
        switch membership.admit(peer, now: now) {
        case .pass: return true
        case .refuse:
            let wait = (membership.limiterWindowEnd ?? now) - now
            actions.append(.send(.reject(.tooManyHellos(retryAfter: wait)), to: peer))
            return false
        case .ignore: return false
        }
    }

    /// Ends the presence of a node and frees what it held.
    ///
    /// The job it ran counts as one try against it, except after a Goodbye or an expulsion.
    @usableFromInline
    mutating func lose(_ number: NodeNumber, _ loss: Loss, _ actions: inout [Action]) {
        let former = membership.lose(number, loss)
        release(former, number, loss, &actions)
        if loss == .silent { suspect(former.held.filter(former.mayRun).map(\.lease), of: number, &actions) }
        scheduler.reassessSlot(of: number, leases, membership)
        abandonReruns(of: number, &actions)
    }

    /// Ends the presence of all nodes with an identity.
    @usableFromInline
    mutating func expel(_ identity: [UInt8], _ actions: inout [Action]) {
        for number in membership.present where membership[number].peer?.identity == identity {
            lose(number, .expelled, &actions)
        }
    }

    private mutating func release(_ former: Member, _ number: NodeNumber, _ loss: Loss, _ actions: inout [Action]) {
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
        let times = Welcome(heartbeatInterval: policy.heartbeatInterval, silenceTimeout: policy.silenceTimeout)
        send(.welcome(connection.session, times), to: number, &actions)
    }
}
