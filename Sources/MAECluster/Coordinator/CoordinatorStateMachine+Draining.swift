import MAEDomain

extension CoordinatorStateMachine {
    /// Gives a node no more jobs, and takes back what it has not begun.
    @usableFromInline
    mutating func drain(_ node: NodeID, _ actions: inout [Action]) {
        let number = membership.number(of: node)
        guard !membership[number].isDraining else { return }
        let dropped = membership.drain(number)
        actions.append(.note(.draining(node)))
        for lease in dropped {
            send(.revoke(lease), to: number, &actions)
            end(lease, of: number, .drained, isToBlame: false, &actions)
        }
        scheduler.reassessSlot(of: number, leases, membership)
        abandonReruns(of: number, &actions)
        noteDrained(number, &actions)
    }

    /// Gives a node jobs again; where its slot was taken meanwhile, it gets another.
    @usableFromInline
    mutating func undrain(_ node: NodeID, _ actions: inout [Action]) {
        guard let member = membership[node], member.isDraining else { return }
        let number = membership.number(of: node)
        membership.undrain(number)
        actions.append(.note(.undrained(node)))
        guard member.isPresent else { return }
        _ = scheduler.seat(number, &leases, membership)
        scheduler.reassessSlot(of: number, leases, membership)
        scheduler.enqueue(number)
    }

    /// Says that a node that drains is done with everything, when it is.
    @usableFromInline
    mutating func noteDrained(_ number: NodeNumber, _ actions: inout [Action]) {
        guard membership.isDraining(number), membership.isPresent(number), membership.heldCount(of: number) == 0 else {
            return
        }
        let open = scheduler.slot(of: number).map { leases.pendingCount(inSlot: $0) } ?? 0
        actions.append(.note(.drained(membership.name(of: number), open: open)))
    }
}
