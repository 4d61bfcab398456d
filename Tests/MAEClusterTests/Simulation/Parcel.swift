import MAEDomain

@testable import MAECluster

/// What is under way in a simulated run.
enum Parcel {
    case toCoordinator(WorkerMessage, Peer)
    case toWorker(CoordinatorMessage, Peer)
    case stored(Lease)

    /// Messages about a lease that each side waits for.
    enum Kind: CaseIterable {
        case job, result, failure, acknowledgement, revoke
    }

    /// The kind of the message, and the lease that it is about.
    var subject: (kind: Kind, lease: Lease)? {
        switch self {
        case .toWorker(.job(let job), _): (.job, job.lease)
        case .toCoordinator(.said(.result(let lease, _), _, _), _): (.result, lease)
        case .toCoordinator(.said(.failure(let lease, _), _, _), _): (.failure, lease)
        case .toWorker(.acknowledge(let leases), _): leases.first.map { (.acknowledgement, $0) }
        case .toWorker(.revoke(let lease), _): (.revoke, lease)
        case .toCoordinator, .toWorker, .stored: nil
        }
    }

    /// The number of a heartbeat among those of its process, and the session that it names.
    var statement: (number: UInt64, process: Incarnation, session: SessionID)? {
        guard case .toCoordinator(.said(.heartbeat(_, let inHand?), let session, let process), _) = self else {
            return nil
        }
        return (inHand.number, process, session)
    }
}
