/// How far a worker has come with a job.
///
/// The steps tell a slow computation from a hung one: a job whose progress stands still is not alive.
public struct JobProgress: Sendable, Hashable {
    /// What a job is at.
    public enum Stage: String, Sendable, CaseIterable {
        /// Verifying the checkpoint's files, or fetching them; the steps are bytes. Comes first.
        case fetching
        /// Reading the checkpoint.
        case loading
        /// Binding and packing weights.
        case weights
        /// Drawing the batch and the noise.
        case input
        /// Computing layers.
        case forward
        /// Taking digests and packing the answer.
        case encoding

        /// The position of the stage in a job, from 0.
        fileprivate var rank: UInt64 {
            switch self {
            case .fetching: 0
            case .loading: 1
            case .weights: 2
            case .input: 3
            case .forward: 4
            case .encoding: 5
            }
        }
    }

    /// The job's lease.
    public var lease: Lease
    /// What it is at.
    public var stage: Stage
    /// Steps of the stage that are done.
    public var step: UInt64
    /// Steps that the stage has; 0 when that is not known.
    public var steps: UInt64
    /// The layer that is computed, such as `vit.encoder.layer.3`; nil outside of layers.
    public var layer: String?

    /// The progress of one job.
    public init(lease: Lease, stage: Stage, step: UInt64 = 0, of steps: UInt64 = 0, layer: String? = nil) {
        self.lease = lease
        self.stage = stage
        self.step = step
        self.steps = steps
        self.layer = layer
    }

    /// Stage and step as one number that changes whenever either does, and grows as the job goes on.
    public var count: UInt64 { stage.rank << 48 | min(step, 1 << 48 - 1) }
}
