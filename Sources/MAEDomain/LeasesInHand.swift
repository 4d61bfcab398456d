/// The leases that a worker has in hand: by this both sides find out which messages were lost.
public struct LeasesInHand: Sendable, Hashable {
    /// Counts the statements of one process, from 1: a statement that comes late, or twice, is recognized by it.
    public let number: UInt64
    /// Jobs that the worker means to finish: the one that runs, unless it was cancelled, and those that wait.
    public let unfinished: [Lease]
    /// Jobs whose results, or failures, are not acknowledged.
    public let finished: [Lease]

    /// The `number`-th statement of a process.
    public init(number: UInt64, unfinished: [Lease], finished: [Lease]) {
        self.number = number
        self.unfinished = unfinished
        self.finished = finished
    }

    /// Whether the worker named a lease.
    public func names(_ lease: Lease) -> Bool { unfinished.contains(lease) || finished.contains(lease) }
}
