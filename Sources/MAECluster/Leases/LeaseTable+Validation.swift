import MAEDomain

extension LeaseTable {
    /// Checks that queues, assignments and counts tell the same.
    func validate(nodes: [NodeNumber], _ faults: inout Faults) {
        validateAssignments(&faults)
        validateShards(nodes, &faults)
    }

    private func validateAssignments(_ faults: inout Faults) {
        var leased = 0
        var storing = 0
        for assignment in assignments {
            let isQueued: Bool
            switch assignment.place {
            case .slot(let slot): isQueued = slots[slot].isPending(row: assignment.row)
            case .node(let node): isQueued = reruns[node]?.isPending(row: assignment.row) ?? false
            case .extra: isQueued = false
            }
            faults.require(
                isQueued == (assignment.state == .pending), "\(assignment.lease) is \(assignment.state) in its queue")
            switch assignment.state {
            case .pending, .done, .closed: break
            case .leased: leased += 1
            case .storing: storing += 1
            }
        }
        for (id, failure) in failures {
            let most = failure.tries.values.max() ?? 0
            faults.require(most <= triesPerNode, "lease \(id.rawValue) was tried \(most) times on a node")
        }
        faults.require(leased == leasedCount, "\(leased) leases are out, but \(leasedCount) are counted")
        faults.require(storing == storingCount, "\(storing) are being stored, not \(storingCount)")
    }

    private func validateShards(_ allNodes: [NodeNumber], _ faults: inout Faults) {
        var nodes: [Int: [NodeNumber]] = [:]
        var engaged: [Int: Set<NodeNumber>] = [:]
        var closed: [Int: Int32] = [:]
        for assignment in assignments {
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
        var unattainable: Set<Int> = []
        var unmet = 0
        for row in shards.ids.indices {
            let id = shards.ids[row].rawValue
            let ran = nodes[row] ?? []
            faults.require(Set(ran).count == ran.count, "a result of shard \(id) is counted twice")
            faults.require(ran.count == shards.have[row], "shard \(id) miscounts its nodes")
            faults.require(closed[row] ?? 0 == shards.closed[row], "shard \(id) miscounts its places")
            for number in allNodes {
                let isEngaged = engaged[row]?.contains(number) ?? false
                faults.require(isEngaged == shards.isEngaged(row, number), "shard \(id) is wrong about \(number.index)")
            }
            guard !shards.isMet(row) else { continue }
            unmet += 1
            if shards.quarantined[row] != nil || shards.closed[row] >= dueCount(row) { unattainable.insert(row) }
        }
        faults.require(unmet == shards.unmetCount, "\(unmet) shards lack results, not \(shards.unmetCount)")
        faults.require(unattainable == shards.unattainable, "other shards than \(unattainable) count as unattainable")
    }
}
