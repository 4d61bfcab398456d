extension Cluster {
    /// Adds shards to the places where they are due, grouped by method in the order in which methods first appear.
    mutating func add(_ added: [Shard]) {
        let workers = plan.workers
        let groups = shards.add(added) { shard in
            switch shard.placement {
            case .everyNode: workers
            case .node: 1
            case .overlap(let count): min(count, workers)
            }
        }
        for (method, rows) in groups {
            var everywhere: [Int32] = []
            var shares = Array(repeating: [Int32](), count: workers)
            for row in rows {
                let shard = shards[Int(row)]
                switch shard.placement {
                case .everyNode: everywhere.append(row)
                case .overlap(let count):
                    for slot in covering(count)[shard.batch] { shares[slot].append(row) }
                case .node(let node):
                    let number = membership.number(of: node)
                    book.append([row], method: method, to: .node(number))
                    market.wake(number)
                }
            }
            for slot in slots.owners.indices {
                let share = shares[slot % workers]
                let due = share.isEmpty ? everywhere : everywhere.isEmpty ? share : (everywhere + share).sorted()
                book.append(due, method: method, to: .slot(slot))
            }
        }
        for slot in slots.owners.indices { offer(.slot(slot)) }
    }

    /// Which nodes run which batch where each goes to `count` of them.
    private mutating func covering(_ count: Int) -> Covering {
        if let covering = coverings[count] { return covering }
        let batches = plan.shards.reduce(0) { max($0, $1.batch + 1) }
        let covering = Covering(nodes: plan.workers, replicas: count, batches: max(batches, 1))
        coverings[count] = covering
        return covering
    }

    /// Gives slots to the nodes that took part under an earlier coordinator, in the order in which they got them there.
    ///
    /// One beyond the expected ones without a result needs none before it comes back.
    mutating func restoreOwners() {
        let withResults = Set(plan.stored.map(\.node))
        for node in plan.formerNodes + plan.stored.map(\.node) {
            let number = membership.number(of: node)
            guard slots[number] == nil, slots.free != nil || withResults.contains(node) else { continue }
            let slot = slots.free ?? slots.open()
            if slot >= plan.workers { openQueue(of: slot) }
            slots.assign(slot, to: number)
        }
    }

    /// Takes the results over that an earlier coordinator stored.
    ///
    /// Where expected nodes share shards out, a node that took over a slot sits in another one now.
    mutating func restoreResults() {
        for result in plan.stored {
            let number = membership.number(of: result.node)
            guard let row = shards.row(of: result.shard), !shards.isEngaged(row, number) else { continue }
            shards.engage(row, number)
            shards.count(row, number)
            if let slot = slots[number], let position = book.slots[slot].position(of: row) {
                shards.close(row, due: due(row))
                book.restore(row: row, at: .slot(slot), position: position, by: number)
            } else {
                book.restore(row: row, at: .extra, position: -1, by: number)
            }
        }
    }

    /// Fills the queue of a slot on top of the expected ones: it repeats the share of an expected one.
    mutating func openQueue(of slot: Int) {
        var queue = book.slots[slot % plan.workers]
        queue.restart()
        book.openSlot(queue)
        for row in shards.hopeless { shards.reconsider(row, due: due(row)) }
        reassess(slot)
    }

    /// In how many places a shard is to be run.
    func due(_ row: Int) -> Int {
        switch shards[row].placement {
        case .node: return 1
        case .everyNode: return slots.owners.count
        case .overlap(let count):
            guard let covering = coverings[count] else { return min(count, plan.workers) }
            let block = covering[shards[row].batch]
            return block.reduce(0) { $0 + (slots.owners.count - 1 - $1) / plan.workers + 1 }
        }
    }

    /// More shards to run.
    mutating func ask(_ added: [Shard], now: Instant, _ actions: inout [Action]) {
        guard closing == nil, now < plan.deadline else {
            phase = .draining
            return
        }
        precondition(added.allSatisfy { shards.row(of: $0.id) == nil }, "a question has an identifier of its own")
        phase = .gathering
        add(added)
        for case .node(let node) in added.map(\.placement) {
            giveUpQuestions(to: membership.number(of: node), &actions)
        }
    }

    /// Gives up what only this node was to run, when it cannot: nobody may take its place, and it may never come back.
    mutating func giveUpQuestions(to number: NodeNumber, _ actions: inout [Action]) {
        let member = membership[number]
        let cause: Cause
        switch member.standing {
        case .present where member.stuckOn != nil: cause = .occupied
        case .present where member.isDraining: cause = .drained
        case .present: return
        case .expected: cause = .nodeLost(.silent)
        case .absent(let loss): cause = .nodeLost(loss)
        }
        while let queue = book.questions[number], let position = queue.pending.next(from: 0) {
            let row = queue.row(at: position)
            let lease = book.close(position, of: .node(number), row: row, cause)
            shards.close(row, due: due(row))
            actions.append(.note(.setAside(lease, member.node, cause)))
        }
    }

    /// Grants no more, for `reason`.
    mutating func close(_ reason: RunSummary.Ending) {
        guard closing == nil, phase == .gathering else { return }
        closing = reason
        phase = .draining
    }

    /// Says that the run is settled when it has come to that.
    mutating func settle(_ actions: inout [Action]) {
        guard book.storingCount == 0, phase != .settled, phase != .ended else { return }
        if phase == .gathering, shards.isAnyAwaited || !market.hungry.isEmpty { return }
        if book.leasedCount > 0 { revokeSurplus(&actions) }
        guard book.leasedCount == 0 else { return }
        phase = .settled
        actions.append(.settled(summarize()))
    }

    /// Revokes what is left when only slow jobs are, and their shards have all results without them.
    private mutating func revokeSurplus(_ actions: inout [Action]) {
        guard book.leasedCount <= market.slow.count + market.spares.count else { return }
        var surplus: [(lease: Lease, node: NodeNumber)] = []
        for lease in market.slow + market.spares {
            guard let assignment = book[lease], case .leased(let node) = assignment.state,
                market.doubled.contains(assignment.row), shards.isMet(assignment.row)
            else { continue }
            surplus.append((lease, node))
        }
        guard surplus.count == book.leasedCount else { return }
        for (lease, node) in surplus {
            revoke(lease, of: node, .runEnded, now: membership[node].lastHeard, &actions)
        }
    }
}
