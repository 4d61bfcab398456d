import MAEDomain

extension WorkerStateMachine {
    /// What is wrong with the state, in words; empty when every invariant holds.
    ///
    /// Tests call it after each step.
    package func validateState() -> [String] {
        var faults: [String] = []
        // A cancelled job is still stopping when another run may grant a lease of the same number and epoch.
        let active = running.flatMap { $0.isCancelled ? nil : $0.lease }
        let leases = waiting.map(\.lease) + unacknowledged.keys + (active.map { [$0] } ?? [])
        if Set(leases).count != leases.count { faults.append("a job is in two places") }
        if Set(waiting.map(\.lease.id)).count != waiting.count { faults.append("two grants of one lease wait") }
        if case .member = phase, session == nil { faults.append("a member without a session") }
        if phase == .gone, !waiting.isEmpty || !unacknowledged.isEmpty { faults.append("it left with jobs in hand") }
        return faults
    }
}
