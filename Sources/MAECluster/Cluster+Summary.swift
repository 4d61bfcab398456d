extension Cluster {
    /// Counts what each shard has and what each node did.
    func summarize() -> RunSummary {
        var shortfalls: [ShardID: [RunSummary.Shortfall]] = [:]
        var setAside: [NodeID: Int] = [:]
        for assignment in book.assignments {
            let node: NodeID? =
                switch assignment.place {
                case .slot(let slot): slots.owners[slot]
                case .node(let node): node
                }
            switch assignment.state {
            case .done, .storing: continue
            case .setAside(let cause):
                shortfalls[assignment.shard.id, default: []].append(.init(node: node, cause: cause))
                if let node { setAside[node, default: 0] += 1 }
            case .pending, .leased:
                let cause = assignment.lastCause ?? .runEnded
                shortfalls[assignment.shard.id, default: []].append(.init(node: node, cause: cause))
            }
        }
        let missing = shards.sorted { $0.id < $1.id }.compactMap { shard -> RunSummary.Missing? in
            let have = book.nodes[shard.id]?.count ?? 0
            guard have < wanted(shard) else { return nil }
            return .init(shard: shard, have: have, want: wanted(shard), causes: shortfalls[shard.id] ?? [])
        }
        let names = Set(membership.members.keys).union(slots.owners.compactMap { $0 })
        var results: [NodeID: Int] = [:]
        for nodes in book.nodes.values {
            for node in nodes { results[node, default: 0] += 1 }
        }
        let nodes = names.sorted().map { name in
            RunSummary.Node(
                node: name, loss: loss(of: name), results: results[name] ?? 0, setAside: setAside[name] ?? 0)
        }
        return RunSummary(
            ending: closing ?? .finished, missing: missing, nodes: nodes,
            unfilledSlots: slots.owners.count { $0 == nil })
    }

    /// Why a node is absent; one that an earlier coordinator knew and that never came back counts as silent.
    private func loss(of node: NodeID) -> Loss? {
        switch membership.members[node]?.standing {
        case .present: nil
        case .absent(let loss): loss
        case nil: .silent
        }
    }
}
