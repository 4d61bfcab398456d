import MAECluster
import MAEWire

extension Lease {
    /// The lease of a reference; nil when its number is none that a coordinator gives.
    init?(_ reference: LeaseReference) {
        guard let id = Int(exactly: reference.id) else { return nil }
        self.init(id: LeaseID(rawValue: id), epoch: Epoch(rawValue: reference.epoch))
    }

    /// The lease as it travels.
    var reference: LeaseReference { LeaseReference(id: UInt64(id.rawValue), epoch: epoch.rawValue) }
}

extension Holding {
    /// What a worker has in hand; leases that no coordinator gives are nobody's.
    init(_ holding: Heartbeat.Holding) {
        self.init(
            number: holding.number, unfinished: holding.unfinished.compactMap(Lease.init),
            finished: holding.finished.compactMap(Lease.init))
    }
}

extension Reject {
    /// A rejection as it travels.
    init(_ rejection: Rejection) {
        switch rejection {
        case .unknownWorker: self.init(reason: .unknownWorker, text: rejection.description)
        case .nameTaken(let wait): self.init(reason: .nameTaken, text: rejection.description, retryAfter: wait)
        case .clusterFull: self.init(reason: .clusterFull, text: rejection.description)
        case .nameNotOfKey: self.init(reason: .nameNotOfKey, text: rejection.description)
        case .tooManyHellos(let wait):
            self.init(reason: .tooManyHellos, text: rejection.description, retryAfter: wait)
        case .lease(let lease, let reason):
            let wire: Reason =
                switch reason {
                case .neverGranted: .leaseNeverGranted
                case .oldEpoch: .leaseOldEpoch
                case .otherHolder: .leaseOtherHolder
                }
            self.init(reason: wire, text: rejection.description, lease: lease.reference)
        }
    }
}
