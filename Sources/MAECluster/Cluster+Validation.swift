extension Cluster {
    /// What is wrong with the state, in words; empty when every invariant holds.
    ///
    /// Tests call it after each step.
    package func validateState() -> [String] {
        var faults: [String] = []
        func require(_ condition: Bool, _ fault: @autoclosure () -> String) {
            if !condition { faults.append(fault()) }
        }
        var leased = 0
        var storing = 0
        var done: [ShardID: [NodeID]] = [:]
        var queued: [Assignment.Place: [LeaseID]] = [:]
        for assignment in book.assignments {
            switch assignment.state {
            case .pending: queued[assignment.place, default: []].append(assignment.id)
            case .leased(let node):
                leased += 1
                let isHeld = membership.members[node]?.held.contains { $0.lease == assignment.lease } ?? false
                require(isHeld, "\(assignment.lease) is leased to \(node), which does not hold it")
            case .storing(let node):
                storing += 1
                done[assignment.shard.id, default: []].append(node)
            case .done(let node): done[assignment.shard.id, default: []].append(node)
            case .setAside: break
            }
            let mostTries = assignment.tries.values.max() ?? 0
            require(mostTries <= policy.triesPerNode, "\(assignment.lease) was tried \(mostTries) times on a node")
        }
        require(leased == book.leasedCount, "\(leased) leases are out, but \(book.leasedCount) are counted")
        require(storing == book.storingCount, "\(storing) results are being stored, not \(book.storingCount)")
        require(queued == book.pending.filter { !$0.value.isEmpty }, "the queues do not hold what is pending")
        for (shard, nodes) in done {
            require(Set(nodes).count == nodes.count, "a result of shard \(shard.rawValue) is counted twice")
            require(Set(nodes) == book.nodes[shard], "shard \(shard.rawValue) miscounts its nodes")
        }
        for (node, member) in membership.members {
            require(
                member.isPresent == (membership.sessions[member.session] == node), "\(node) and its session disagree")
            require(member.isPresent || member.held.isEmpty, "\(node) is absent but holds leases")
            require(member.stuckOn == nil || member.held.isEmpty, "\(node) is stuck but holds leases")
            require(member.held.count <= policy.leasesPerNode, "\(node) holds more leases than it may")
            require(member.held.first.map { $0.begun != nil } ?? true, "the first job of \(node) has not begun")
            require(slots[node].map { slots.owners[$0] == node } ?? !member.isPresent, "\(node) has no slot of its own")
            for held in member.held {
                require(
                    book[held.lease]?.state == .leased(node), "\(node) holds \(held.lease), which is not leased to it")
            }
        }
        require(membership.sessions.count == membership.present.count, "there are sessions of absent nodes")
        if phase == .settled || phase == .ended { require(leased == 0, "the run is settled, but leases are out") }
        if phase == .draining { require(closing != nil || storing > 0, "the run drains for no reason") }
        return faults
    }
}
