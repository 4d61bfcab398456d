import MAEDomain

extension CoordinatorStateMachine {
    /// Counts what each shard has and what each node did.
    @usableFromInline
    func summarize() -> RunSummary<Work> {
        var room = RunSummary<Work>.mostShortfalls
        let closed = closedPlaces()
        let table = leases.shards
        let unmet = table.unmetCount == 0 ? [] : shards.indices.filter { !table.isMet($0) }
        let missing = unmet.sorted { shards[$0].id < shards[$1].id }.map { row in
            let causes = room > 0 ? shortfalls(of: row, closed) : []
            room -= causes.count
            return RunSummary<Work>.Missing(
                shard: shards[row], have: Int(table.have[row]), want: Int(table.wanted[row]), causes: causes)
        }
        var givenUp: [NodeNumber: Int] = [:]
        for (id, failure) in leases.failures where failure.isFinal {
            if let node = owner(of: leases.assignments[id.rawValue].place) { givenUp[node, default: 0] += 1 }
        }
        let nodes = membership.all.filter(tookPart).map { number in
            let member = membership[number]
            return NodeSummary(
                node: member.node, loss: loss(of: member), isDraining: member.isDraining,
                results: table.resultCount[number] ?? 0, givenUp: givenUp[number] ?? 0,
                wasGranted: leases.hasGranted(to: number))
        }
        return RunSummary(
            ending: closing ?? .finished, missing: missing, nodes: nodes.sorted { $0.node < $1.node },
            unfilledSlots: scheduler.owners.count { $0 == nil })
    }

    /// What became of shards that lack results in the places where they do not wait for a grant.
    private func closedPlaces() -> [PlaceOfRow: Assignment] {
        var places: [PlaceOfRow: Assignment] = [:]
        for assignment in leases.assignments where !leases.shards.isMet(assignment.row) {
            places[PlaceOfRow(place: assignment.place, row: assignment.row)] = assignment
        }
        return places
    }

    /// Why a shard has no result in each of the places where it is due.
    private func shortfalls(of row: Int, _ closed: [PlaceOfRow: Assignment]) -> [Shortfall] {
        places(of: row).compactMap { place in
            let owner = owner(of: place)
            let assignment = closed[PlaceOfRow(place: place, row: row)]
            switch assignment?.state {
            case .done, .storing: return nil
            case .pending, .leased, .closed, nil: break
            }
            // A slot on top lacks nothing that its owner has run elsewhere.
            if case .slot(let slot) = place, slot >= workers, let owner, assignment == nil,
                leases.shards.isEngaged(row, owner)
            {
                return nil
            }
            let isDrained = owner.map { membership[$0].isDraining } ?? false
            let failure = assignment.flatMap { leases.failures[$0.id] }
            // What a node that is gone never began is missing because it is gone.
            let absence = owner.flatMap { loss(of: membership[$0]) }.map(Cause.nodeLost)
            let cause =
                leases.shards.quarantined[row] ?? failure?.lastCause ?? (isDrained ? .drained : absence ?? .runEnded)
            return .init(node: owner.map(membership.name), cause: cause)
        }
    }

    private func places(of row: Int) -> [Assignment.Place] {
        switch leases.shards.placement(of: row) {
        case .node(let node): membership.known(node).map { [.node($0)] } ?? []
        case .everyNode: scheduler.owners.indices.map { .slot($0) }
        case .overlap: scheduler.owners.indices.filter { leases.slots[$0].position(of: row) != nil }.map { .slot($0) }
        }
    }

    private func owner(of place: Assignment.Place) -> NodeNumber? {
        switch place {
        case .slot(let slot): scheduler.owners[slot]
        case .node(let node): node
        case .extra: nil
        }
    }

    /// Whether a node is part of the run: not only a name that was mentioned.
    func tookPart(_ number: NodeNumber) -> Bool {
        membership[number].connection != nil || scheduler.slot(of: number) != nil
            || leases.shards.resultCount[number] != nil
    }

    /// Why a node is absent; one that an earlier coordinator knew and that never came back counts as silent.
    private func loss(of member: Member) -> Loss? {
        switch member.standing {
        case .present: nil
        case .absent(let loss): loss
        case .expected: .silent
        }
    }
}

private struct PlaceOfRow: Hashable {
    let place: Assignment.Place
    let row: Int
}
