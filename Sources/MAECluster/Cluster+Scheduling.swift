extension Cluster {
    /// Adds shards to the places where they are due, grouped by method in the order in which methods first appear.
    mutating func add(_ added: [Shard]) {
        var rank: [String: Int] = [:]
        for shard in added where rank[shard.method] == nil { rank[shard.method] = rank.count }
        let ordered = added.sorted { left, right in
            (rank[left.method] ?? 0, left.batch, left.id) < (rank[right.method] ?? 0, right.batch, right.id)
        }
        shards += ordered
        let stored = Set(plan.stored)
        for (slot, owner) in slots.owners.enumerated() {
            for shard in ordered where isDue(shard, in: slot) {
                let owner = owner.flatMap { stored.contains(.init(shard: shard.id, node: $0)) ? $0 : nil }
                book.add(shard, at: .slot(slot), doneBy: owner)
            }
        }
        for shard in ordered {
            guard case .node(let node) = shard.placement else { continue }
            let isStored = stored.contains(.init(shard: shard.id, node: node))
            book.add(shard, at: .node(node), doneBy: isStored ? node : nil)
        }
        let byID = Dictionary(ordered.map { ($0.id, $0) }) { first, _ in first }
        // Where expected nodes share shards out, a node may sit in another slot than under the earlier coordinator.
        for result in plan.stored {
            guard let shard = byID[result.shard], !(book.nodes[shard.id]?.contains(result.node) ?? false) else {
                continue
            }
            book.add(shard, at: .node(result.node), doneBy: result.node)
        }
    }

    /// Gives slots to the nodes whose results an earlier coordinator stored, in the order of those results.
    mutating func restoreOwners() {
        for result in plan.stored where slots[result.node] == nil {
            slots.assign(slots.owners.firstIndex(of: nil) ?? slots.open(), to: result.node)
        }
    }

    /// Whether a slot has to run a shard.
    func isDue(_ shard: Shard, in slot: Int) -> Bool {
        switch shard.placement {
        case .everyNode: return true
        case .node: return false
        case .overlap(let count):
            // Shard i goes to expected nodes i, i+1, ... of N; a slot on top repeats the share of an expected one.
            let first = shard.id.rawValue % plan.workers
            return (slot + plan.workers - first) % plan.workers < count
        }
    }

    /// How many different nodes have to run a shard.
    func wanted(_ shard: Shard) -> Int {
        switch shard.placement {
        case .everyNode: plan.workers
        case .node: 1
        case .overlap(let count): min(count, plan.workers)
        }
    }

    /// Gives each member that can work as many jobs as it may hold.
    mutating func grantAll(now: Instant, _ actions: inout [Action]) {
        guard phase == .gathering else { return }
        for member in membership.present where member.canWork {
            for _ in member.held.count..<max(policy.leasesPerNode, member.held.count) {
                guard let node = membership.members[member.node],
                    let id = book.next(in: places(of: member.node), for: member.node, preferring: node.method)
                        ?? strandedWork(for: node)
                else { break }
                let job = book.grant(id, to: member.node)
                _ = membership.update(member.node) { $0.take(job, now: now) }
                actions += [.note(.granted(job, member.node)), .send(.job(job), to: member.peer)]
            }
        }
    }

    /// Where a node finds its work: questions put to it first, then its slot.
    func places(of node: NodeID) -> [Assignment.Place] {
        [.node(node)] + (slots[node].map { [.slot($0)] } ?? [])
    }

    /// A pending shard that an idle node can run in place of the owner of its slot, who is absent, stuck, or barred from it
    /// because he has run it in another slot.
    private func strandedWork(for member: Member) -> LeaseID? {
        // Who has run everything is not searched for at each event.
        guard member.held.isEmpty, book.resultCount[member.node, default: 0] < shards.count else { return nil }
        for (slot, owner) in slots.owners.enumerated() {
            guard let owner else { continue }
            let canOwnerWork = membership.members[owner]?.canWork ?? false
            for id in book.pending[.slot(slot)] ?? [] where !canOwnerWork || !book.canRun(id, on: owner) {
                let shard = book.assignments[id.rawValue].shard
                let isNeeded = (book.nodes[shard.id]?.count ?? 0) < wanted(shard)
                if isNeeded, book.canRun(id, on: member.node) { return id }
            }
        }
        return nil
    }

    /// More shards to run.
    mutating func ask(_ added: [Shard], now: Instant) {
        guard closing == nil, now < plan.deadline else {
            phase = .draining
            return
        }
        let known = Set(shards.map(\.id))
        precondition(added.allSatisfy { !known.contains($0.id) }, "a question has an identifier of its own")
        add(added)
        phase = .gathering
    }

    /// Grants no more, for `reason`.
    mutating func close(_ reason: RunSummary.Ending) {
        guard closing == nil, phase == .gathering else { return }
        closing = reason
        phase = .draining
    }

    /// Says that the run is settled when it has come to that.
    mutating func settle(_ actions: inout [Action]) {
        guard book.leasedCount == 0, book.storingCount == 0 else { return }
        switch phase {
        case .settled, .ended: return
        case .gathering: guard !isWorkAwaited else { return }
        case .draining: break
        }
        phase = .settled
        actions.append(.settled(summarize()))
    }

    /// Whether something pending will still be run by somebody present, or is needed and may be run by somebody to come.
    private var isWorkAwaited: Bool {
        for (place, queue) in book.pending {
            switch place {
            case .node: if !queue.isEmpty { return true }
            case .slot(let slot):
                let owner = slots.owners[slot].flatMap { membership.members[$0] }
                for id in queue {
                    let shard = book.assignments[id.rawValue].shard
                    if (book.nodes[shard.id]?.count ?? 0) < wanted(shard) { return true }
                    if let owner, owner.canWork, book.canRun(id, on: owner.node) { return true }
                }
            }
        }
        return false
    }
}
