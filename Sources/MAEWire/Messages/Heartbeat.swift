import MAEDomain

/// Worker to coordinator: I am alive, and this is how far I am.
///
/// The coordinator answers with a heartbeat without progress, so that the worker notices when it has gone.
public struct Heartbeat: Sendable, Equatable {
    /// How far the job is that runs; nil when none does.
    public var progress: JobProgress?
    /// What the worker has in hand, at most ``WireLimits/leases``; nil where it is more.
    public internal(set) var inHand: LeasesInHand?

    /// A heartbeat; leaves out what is in hand where it is more than ``WireLimits/leases``.
    public init(progress: JobProgress? = nil, inHand: LeasesInHand? = nil) {
        self.progress = progress
        if let inHand, inHand.unfinished.count + inHand.finished.count <= WireLimits.leases { self.inHand = inHand }
    }
}
