import MAEDomain

extension CoordinatorStateMachine {
    /// What is wrong with the state, in words; empty when every invariant holds.
    ///
    /// Tests call it after each step.
    package func validateState() -> [String] {
        var faults = Faults()
        leases.validate(nodes: membership.all, &faults)
        membership.validate(policy, &faults)
        scheduler.validate(leases, membership, &faults)
        if phase == .gathering { scheduler.validateIdleNodes(leases, membership, policy, &faults) }
        validateHolders(&faults)
        validateAlarms(&faults)
        if phase == .settled || phase == .ended {
            faults.require(leases.leasedCount == 0, "the run is settled, but leases are out")
        }
        if phase == .draining {
            faults.require(closing != nil || leases.storingCount > 0, "the run drains for no reason")
        }
        return faults.texts
    }

    /// What nodes hold is leased to them, and the reverse.
    private func validateHolders(_ faults: inout Faults) {
        for number in membership.all {
            for held in membership[number].held {
                faults.require(
                    leases[held.lease]?.state == .leased(number),
                    "\(membership.name(of: number)) holds \(held.lease), not leased to it")
            }
        }
        for assignment in leases.assignments {
            guard case .leased(let node) = assignment.state else { continue }
            let isHeld = membership[node].held.contains { $0.lease == assignment.lease }
            faults.require(isHeld, "\(assignment.lease) is leased to \(node.index), which does not hold it")
        }
    }

    private func validateAlarms(_ faults: inout Faults) {
        for number in membership.present {
            let member = membership[number]
            let limit = member.nextLimit(policy: policy, runLimit: runLimit(of: number))
            let due = [member.lastHeard + policy.silenceTimeout, limit].compactMap(\.self)
            faults.require(
                due.allSatisfy { alarms.rings(for: number, by: $0) }, "no alarm is set for \(member.node)")
        }
    }
}
