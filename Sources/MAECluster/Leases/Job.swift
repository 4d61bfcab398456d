import MAEDomain

/// What is handed out under a lease.
public protocol Leased: Sendable {
    /// The grant under which the result must be handed in.
    var lease: Lease { get }
}

/// A grant together with the shard to be run.
public struct Job<Work: Sendable>: Leased {
    /// The grant under which the result must be handed in.
    public let lease: Lease
    /// What to run.
    public let shard: Shard<Work>

    /// Grants `lease` for `shard`.
    public init(lease: Lease, shard: Shard<Work>) {
        self.lease = lease
        self.shard = shard
    }
}

extension Job: Equatable where Work: Equatable {}
extension Job: Hashable where Work: Hashable {}
