import MAEDomain

/// What is made of the jobs that nodes ran when they fell silent.
///
/// Silence is no proof that a job ended its process. A network, a machine or a name server may stand still, for several nodes at
/// once, and a process that goes on afterwards says so by the number of its life in its next Hello.
extension CoordinatorStateMachine {
    /// Takes in that a node fell silent over `suspects`, whose jobs it may have run.
    ///
    /// Nodes that fell silent over the same shard so long before that they would be back, if they had lived, are counted as crashed: a
    /// shard must not end one machine after the other. Those that fell silent together with this one are not.
    mutating func suspect(_ suspects: [Lease], of number: NodeNumber, _ actions: inout [Action]) {
        let rows = Set(suspects.compactMap { leases.row(of: $0.id) })
        for other in membership.all where !membership[other].isPresent {
            for suspicion in membership[other].suspicions where !suspicion.isCounted {
                guard let row = leases.row(of: suspicion.lease.id), rows.contains(row),
                    lastNow >= suspicion.since + policy.silenceTimeout
                else { continue }
                membership.count(suspicion, of: other)
                countCrash(row, of: other, .nodeLost(.silent), &actions)
            }
        }
        membership.suspect(suspects, of: number, since: lastNow)
    }

    /// Takes in that a node that had fallen silent is back: as the same process, which its jobs cannot have ended, or as another.
    mutating func settle(
        _ suspicions: [Member.Suspicion], of number: NodeNumber, isSameProcess: Bool, _ actions: inout [Action]
    ) {
        for suspicion in suspicions {
            if isSameProcess {
                leases.takeBack(suspicion, of: number)
            } else if !suspicion.isCounted, let row = leases.row(of: suspicion.lease.id) {
                countCrash(row, of: number, .nodeLost(.silent), &actions)
            }
        }
    }
}
