/// Names what is leased: one shard in one place.
///
/// It stays the same when the lease is granted again.
public struct LeaseID: Sendable, Hashable, Comparable {
    /// The number, counted up from 0 in each run.
    public let rawValue: Int

    /// Wraps the number.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Lower numbers first.
    public static func < (left: LeaseID, right: LeaseID) -> Bool { left.rawValue < right.rawValue }
}

/// Counts the grants of one ``LeaseID``: each grant has a higher epoch than all before it.
public struct Epoch: Sendable, Hashable, Comparable {
    /// The count; 0 before the first grant.
    public let rawValue: UInt64

    /// Wraps the count.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Earlier grants first.
    public static func < (left: Epoch, right: Epoch) -> Bool { left.rawValue < right.rawValue }

    /// The epoch of the next grant.
    public var next: Epoch { Epoch(rawValue: rawValue + 1) }
}

/// One grant of a lease.
public struct Lease: Sendable, Hashable, CustomStringConvertible {
    /// What is leased.
    public let id: LeaseID
    /// Which grant of it this is.
    public let epoch: Epoch

    /// Names the grant `epoch` of `id`.
    public init(id: LeaseID, epoch: Epoch) {
        self.id = id
        self.epoch = epoch
    }

    /// `lease 7, epoch 2`.
    public var description: String { "lease \(id.rawValue), epoch \(epoch.rawValue)" }
}
