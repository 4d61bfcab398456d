import MAEDomain

/// Worker to coordinator: I am alive, and this is how far I am.
///
/// The coordinator answers with a heartbeat without progress, so that the worker notices when it has gone.
public struct Heartbeat: Sendable, Equatable {
    /// How far the job is that runs; nil when none does.
    public var progress: JobProgress?
    /// What the worker has in hand, at most ``WireLimits/leases``; nil where it is more.
    public var inHand: LeasesInHand?

    /// A heartbeat.
    public init(progress: JobProgress? = nil, inHand: LeasesInHand? = nil) {
        self.progress = progress
        self.inHand = inHand
    }
}
