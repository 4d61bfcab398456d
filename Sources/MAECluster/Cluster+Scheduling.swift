extension Cluster {
    /// Positions that a handful of idle nodes may look at in one event, searching for work of others.
    private static let searchBudget = 4096

    /// Gives each node that may want work as many jobs as it may hold.
    mutating func grantAll(now: Instant, _ actions: inout [Action]) {
        guard phase == .gathering, !market.hungry.isEmpty else { return }
        var searching: [NodeNumber] = []
        for number in market.takeHungry() where membership[number].canWork {
            let leases = leases(of: number)
            while membership[number].held.count < leases, let work = nextWork(for: number) {
                grant(work.position, of: work.place, row: work.row, to: number, now: now, &actions)
            }
            if membership[number].held.isEmpty { searching.append(number) }
        }
        var budget = Self.searchBudget
        for number in searching {
            if budget <= 0 {
                market.wake(number)
            } else if let work = strandedWork(for: number, &budget) {
                grant(work.position, of: work.place, row: work.row, to: number, now: now, &actions)
            } else if budget <= 0 {
                market.wake(number)
            } else if !grantSpare(to: number, now: now, &actions) {
                market.rest(number)
            }
        }
    }

    /// How many leases a node may hold: more where the jobs of its method are short, and never more than it takes.
    private func leases(of number: NodeNumber) -> Int {
        guard let typical = membership[number].method.flatMap({ pace.median(method: $0) }), typical > .zero else {
            return min(policy.leasesPerNode, membership[number].mostJobs)
        }
        let wanted = min(policy.workInHand / typical, Double(policy.mostLeasesPerNode))
        return min(max(policy.leasesPerNode, Int(wanted)), membership[number].mostJobs)
    }

    /// What a node is to run next: questions put to it first, then its slot.
    private mutating func nextWork(for number: NodeNumber) -> (place: Assignment.Place, position: Int, row: Int)? {
        let method = membership[number].method
        let shards = shards
        let slot = slots[number].map(Assignment.Place.slot)
        let places = book.questions[number] == nil ? [slot] : [.node(number), slot]
        for place in places.compactMap(\.self) {
            let found = book.change(place) { queue in
                queue.next(preferring: method) { row in shards.isWanted(row, from: number) }
                    .map { ($0, queue.row(at: $0)) }
            }
            if case let (position, row)?? = found { return (place, position, row) }
        }
        // Whatever is left in its slot is for others.
        if let slot = slots[number] { reassess(slot, isExhausted: true) }
        return nil
    }

    /// A pending shard that an idle node can run in place of the owner of its slot, who is absent, stuck, drained, or barred
    /// from it because he has run it in another slot.
    private mutating func strandedWork(
        for number: NodeNumber, _ budget: inout Int
    ) -> (place: Assignment.Place, position: Int, row: Int)? {
        var search = membership[number].search
        if search.generation != market.generation { search = Search(generation: market.generation) }
        defer { membership.update(number) { $0.search = search } }
        for slot in market.stranded where slot >= search.slot {
            if slot > search.slot { (search.slot, search.position) = (slot, 0) }
            let queue = book.slots[slot]
            while let position = queue.pending.next(from: search.position) {
                budget -= 1
                guard budget > 0 else { return nil }
                let row = queue.row(at: position)
                if !shards.isMet(row), shards.canRun(row, on: number) { return (.slot(slot), position, row) }
                search.position = position + 1
            }
            (search.slot, search.position) = (slot + 1, 0)
        }
        return nil
    }

    /// Grants a shard that takes long elsewhere to an idle node too; false when there is none for it.
    private mutating func grantSpare(to number: NodeNumber, now: Instant, _ actions: inout [Action]) -> Bool {
        for lease in market.slow {
            guard let assignment = book[lease], assignment.isLeased, !market.doubled.contains(assignment.row),
                !shards.isMet(assignment.row), shards.canRun(assignment.row, on: number)
            else { continue }
            market.doubled.insert(assignment.row)
            let job = grant(-1, of: .extra, row: assignment.row, to: number, now: now, &actions)
            market.spares.append(job.lease)
            actions.append(.note(.spared(job, membership.name(of: number), slow: lease)))
            return true
        }
        return false
    }

    @discardableResult
    private mutating func grant(
        _ position: Int, of place: Assignment.Place, row: Int, to number: NodeNumber, now: Instant,
        _ actions: inout [Action]
    ) -> Job {
        let lease = book.grant(position, of: place, row: row, to: number)
        shards.engage(row, number)
        let method = shards.method(of: row)
        membership.update(number) { $0.take(lease, method: method, now: now) }
        arm(number)
        let job = Job(lease: lease, shard: shards[row])
        actions.append(.note(.granted(job, membership.name(of: number))))
        send(.job(job), to: number, &actions)
        return job
    }

    /// Offers what waits in a place again: to its owner, or to others when he cannot take it.
    mutating func offer(_ place: Assignment.Place) {
        switch place {
        case .slot(let slot):
            if let owner = slots.owners[slot], membership[owner].canWork { market.wake(owner) }
            reassess(slot, isNews: true)
        case .node(let number): market.wake(number)
        case .extra: break
        }
    }

    /// Notes whether a slot has work that its owner cannot do: he cannot work, or has found nothing (`isExhausted`) that he
    /// may run.
    mutating func reassess(_ slot: Int, isExhausted: Bool = false, isNews: Bool = false) {
        guard let owner = slots.owners[slot] else { return }
        let isStranded = !membership[owner].canWork || isExhausted
        market.set(slot, isStranded: isStranded && book.slots[slot].pending.count > 0, isNews: isNews)
    }
}
