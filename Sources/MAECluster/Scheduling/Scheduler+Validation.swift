extension Scheduler {
    /// Checks that every slot has its queue and its owner, and that work of owners that cannot work is on offer.
    func validate(_ leases: LeaseTable, _ membership: Membership, _ faults: inout Faults) {
        faults.require(owners.count == leases.slots.count, "there are not as many queues as slots")
        for number in membership.all {
            let member = membership[number]
            faults.require(
                slot(of: number).map { owners[$0] == number } ?? (!member.isPresent || member.isDraining),
                "\(member.node) has no slot of its own")
        }
        for (slot, owner) in owners.enumerated() {
            guard let owner, !membership[owner].canWork, leases.pendingCount(inSlot: slot) > 0 else { continue }
            faults.require(ready.unowned.contains(slot), "work in slot \(slot) is not on offer")
        }
    }

    /// Checks that no node lacks work that it could be given, while the run gathers and no node is about to be looked at.
    func validateIdleNodes(
        _ leases: LeaseTable, _ membership: Membership, _ policy: ClusterPolicy, _ faults: inout Faults
    ) {
        guard !isAnyRunnable else { return }
        for number in membership.present where membership[number].canWork {
            let member = membership[number]
            let queues = [slot(of: number).map { leases.slots[$0] }, leases.reruns[number]].compactMap(\.self)
            let hasWork = queues.contains { queue in
                queue.rows.indices.contains { position in
                    queue.pending.contains(position) && leases.shards.isWanted(queue.row(at: position), from: number)
                }
            }
            faults.require(
                !hasWork || member.held.count >= min(policy.leasesPerNode, member.mostJobs),
                "\(member.node) is not given what waits for it")
            guard member.held.isEmpty else { continue }
            let isAnyUnowned = ready.unowned.contains { slot in
                let queue = leases.slots[slot]
                return queue.rows.indices.contains { position in
                    let row = queue.row(at: position)
                    return queue.pending.contains(position) && !leases.shards.isMet(row)
                        && leases.shards.canRun(row, on: number)
                }
            }
            faults.require(!isAnyUnowned, "\(member.node) idles, but could stand in for another")
        }
    }
}
