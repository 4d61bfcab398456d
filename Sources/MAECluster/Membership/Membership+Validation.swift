import MAEDomain

extension Membership {
    /// Checks that members, sessions and the leases that members hold fit together.
    func validate(_ policy: ClusterPolicy, _ faults: inout Faults) {
        for number in all {
            let member = self[number]
            let node = member.node
            let session = member.connection.flatMap { sessions[$0.session] }
            faults.require(member.isPresent == (session == number), "\(node) and its session disagree")
            faults.require(member.isPresent || member.held.isEmpty, "\(node) is absent but holds leases")
            faults.require(member.stalledLease == nil || member.held.isEmpty, "\(node) is stalled but holds leases")
            let most = min(max(policy.leasesPerNode, policy.mostLeasesPerNode), member.mostJobs)
            faults.require(member.held.count <= most, "\(node) holds more leases than it may")
            faults.require(!member.isDraining || member.held.count <= 1, "\(node) drains but holds jobs in reserve")
            faults.require(
                member.held.first.map { $0.becameHead != nil } ?? true, "the first job of \(node) waits for none")
        }
        faults.require(sessions.count == present.count, "there are sessions of absent nodes")
    }
}
