extension Cluster {
    /// What is wrong with the state, in words; empty when every invariant holds.
    ///
    /// Tests call it after each step.
    package func validateState() -> [String] {
        var faults = Faults()
        validateLeases(&faults)
        validateShards(&faults)
        validateMembers(&faults)
        validateMarket(&faults)
        let leased = book.leasedCount
        if phase == .settled || phase == .ended {
            faults.require(leased == 0, "the run is settled, but leases are out")
        }
        if phase == .draining {
            faults.require(closing != nil || book.storingCount > 0, "the run drains for no reason")
        }
        return faults.texts
    }

    private struct Faults {
        var texts: [String] = []

        mutating func require(_ condition: Bool, _ fault: @autoclosure () -> String) {
            if !condition { texts.append(fault()) }
        }
    }

    private func validateLeases(_ faults: inout Faults) {
        var leased = 0
        var storing = 0
        for assignment in book.assignments {
            let isQueued: Bool
            switch assignment.place {
            case .slot(let slot): isQueued = book.slots[slot].pending.contains(assignment.position)
            case .node(let node): isQueued = book.questions[node]?.pending.contains(assignment.position) ?? false
            case .extra: isQueued = false
            }
            faults.require(
                isQueued == (assignment.state == .pending), "\(assignment.lease) is \(assignment.state) in its queue")
            switch assignment.state {
            case .pending, .done, .closed: break
            case .leased(let node):
                leased += 1
                let isHeld = membership[node].held.contains { $0.lease == assignment.lease }
                faults.require(isHeld, "\(assignment.lease) is leased to \(node.index), which does not hold it")
            case .storing: storing += 1
            }
        }
        for (id, trouble) in book.troubles {
            let most = trouble.tries.values.max() ?? 0
            faults.require(most <= policy.triesPerNode, "lease \(id.rawValue) was tried \(most) times on a node")
        }
        faults.require(leased == book.leasedCount, "\(leased) leases are out, but \(book.leasedCount) are counted")
        faults.require(storing == book.storingCount, "\(storing) are being stored, not \(book.storingCount)")
    }

    private func validateShards(_ faults: inout Faults) {
        var nodes: [Int: [NodeNumber]] = [:]
        var engaged: [Int: Set<NodeNumber>] = [:]
        var closed: [Int: Int32] = [:]
        for assignment in book.assignments {
            switch assignment.state {
            case .leased(let node): engaged[assignment.row, default: []].insert(node)
            case .storing(let node), .done(let node):
                engaged[assignment.row, default: []].insert(node)
                nodes[assignment.row, default: []].append(node)
                if assignment.place != .extra { closed[assignment.row, default: 0] += 1 }
            case .closed: if assignment.place != .extra { closed[assignment.row, default: 0] += 1 }
            case .pending: break
            }
        }
        var hopeless: Set<Int> = []
        var unmet = 0
        for row in shards.shards.indices {
            let id = shards[row].id.rawValue
            let ran = nodes[row] ?? []
            faults.require(Set(ran).count == ran.count, "a result of shard \(id) is counted twice")
            faults.require(ran.count == shards.have[row], "shard \(id) miscounts its nodes")
            faults.require(closed[row] ?? 0 == shards.closed[row], "shard \(id) miscounts its places")
            for number in membership.all {
                let isEngaged = engaged[row]?.contains(number) ?? false
                faults.require(isEngaged == shards.isEngaged(row, number), "shard \(id) is wrong about \(number.index)")
            }
            guard !shards.isMet(row) else { continue }
            unmet += 1
            if shards.setAside[row] != nil || shards.closed[row] >= due(row) { hopeless.insert(row) }
        }
        faults.require(unmet == shards.unmetCount, "\(unmet) shards lack results, not \(shards.unmetCount)")
        faults.require(hopeless == shards.hopeless, "other shards than \(hopeless) are thought to be without hope")
    }

    private func validateMembers(_ faults: inout Faults) {
        for number in membership.all {
            let member = membership[number]
            let node = member.node
            let session = member.connection.flatMap { membership.sessions[$0.session] }
            faults.require(member.isPresent == (session == number), "\(node) and its session disagree")
            faults.require(member.isPresent || member.held.isEmpty, "\(node) is absent but holds leases")
            faults.require(member.stuckOn == nil || member.held.isEmpty, "\(node) is stuck but holds leases")
            let most = min(max(policy.leasesPerNode, policy.mostLeasesPerNode), member.mostJobs)
            faults.require(member.held.count <= most, "\(node) holds more leases than it may")
            faults.require(!member.isDraining || member.held.count <= 1, "\(node) drains but holds jobs in reserve")
            faults.require(member.held.first.map { $0.turn != nil } ?? true, "the first job of \(node) waits for none")
            let slot = slots[number]
            faults.require(
                slot.map { slots.owners[$0] == number } ?? (!member.isPresent || member.isDraining),
                "\(node) has no slot of its own")
            for held in member.held {
                faults.require(
                    book[held.lease]?.state == .leased(number), "\(node) holds \(held.lease), not leased to it")
            }
            guard member.isPresent else { continue }
            let due = [member.lastHeard + policy.silenceTimeout, member.nextLimit(policy: policy)].compactMap(\.self)
            faults.require(
                due.allSatisfy { alarms.rings(for: number, by: $0) }, "no alarm is set for \(node)")
        }
        faults.require(membership.sessions.count == membership.present.count, "there are sessions of absent nodes")
    }

    /// Nobody is forgotten who could be given something.
    private func validateMarket(_ faults: inout Faults) {
        faults.require(slots.owners.count == book.slots.count, "there are not as many queues as slots")
        for (slot, owner) in slots.owners.enumerated() {
            guard let owner, !membership[owner].canWork, book.slots[slot].pending.count > 0 else { continue }
            faults.require(market.stranded.contains(slot), "nobody looks for work in slot \(slot)")
        }
        guard phase == .gathering, market.hungry.isEmpty else { return }
        for number in membership.present where membership[number].canWork {
            let queues = [slots[number].map { book.slots[$0] }, book.questions[number]].compactMap(\.self)
            let hasWork = queues.contains { queue in
                queue.course.indices.contains { position in
                    let row = queue.row(at: position)
                    return queue.pending.contains(position) && shards.isWanted(row, from: number)
                }
            }
            faults.require(
                !hasWork
                    || membership[number].held.count >= min(policy.leasesPerNode, membership[number].mostJobs),
                "\(membership.name(of: number)) is not given what waits for it")
            guard membership[number].held.isEmpty else { continue }
            let isStranded = market.stranded.contains { slot in
                let queue = book.slots[slot]
                return queue.course.indices.contains { position in
                    let row = queue.row(at: position)
                    return queue.pending.contains(position) && !shards.isMet(row) && shards.canRun(row, on: number)
                }
            }
            faults.require(!isStranded, "\(membership.name(of: number)) idles, but could stand in for another")
        }
    }
}
