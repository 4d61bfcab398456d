/// Worker to coordinator: I am alive, and this is how far I am.
///
/// The coordinator answers with a heartbeat without progress, so that the worker notices when it has gone.
public struct Heartbeat: Sendable, Equatable {
    /// What a job is at.
    public enum Stage: UInt32, Sendable, CaseIterable {
        /// Reading the checkpoint.
        case loading = 1
        /// Binding and packing weights.
        case weights = 2
        /// Drawing the batch and the noise.
        case input = 3
        /// Computing layers.
        case forward = 4
        /// Taking digests and packing the answer.
        case encoding = 5
        /// Making sure of the checkpoint's files, or fetching them; the steps are bytes. Comes before ``loading``.
        case fetching = 6
    }

    /// How far the job is that the worker runs.
    ///
    /// The steps tell a slow computation from a hung one: a job whose progress stands still is not alive.
    public struct Progress: Sendable, Equatable {
        /// The job's lease.
        public var lease: LeaseReference
        /// What it is at.
        public var stage: Stage
        /// Steps of the stage that are done.
        public var step: UInt64
        /// Steps that the stage has; 0 when that is not known.
        public var steps: UInt64
        /// The layer that is computed, such as `vit.encoder.layer.3`; nil outside of layers, and from older nodes.
        ///
        /// At most ``WireLimits/tensorNameBytes`` of UTF-8.
        public var layer: String?

        /// The progress of one job.
        public init(lease: LeaseReference, stage: Stage, step: UInt64, steps: UInt64, layer: String? = nil) {
            self.lease = lease
            self.stage = stage
            self.step = step
            self.steps = steps
            self.layer = layer
        }

        /// Stage and step as one number that changes whenever either does, and grows as the job goes on.
        public var count: UInt64 {
            let place = stage == .fetching ? 0 : UInt64(stage.rawValue)
            return place << 48 | min(step, 1 << 48 - 1)
        }
    }

    /// What the worker has in hand: by this both sides find out what was lost on the way.
    ///
    /// At most ``WireLimits/leases`` leases together.
    public struct Holding: Sendable, Equatable {
        /// Counts what one process has said of this, from 1: what comes late, or twice, says nothing new.
        public var number: UInt64
        /// Jobs to be finished: the one that runs, unless it was told to stop, and those that wait.
        public var unfinished: [LeaseReference]
        /// Jobs whose results are not acknowledged.
        public var finished: [LeaseReference]

        /// What a worker has in hand, said for the `number`-th time.
        public init(number: UInt64, unfinished: [LeaseReference], finished: [LeaseReference]) {
            self.number = number
            self.unfinished = unfinished
            self.finished = finished
        }
    }

    /// How far the job is that runs; nil when none does.
    public var progress: Progress?
    /// What the worker has in hand; nil from older workers, and where it is more than fits.
    public var holding: Holding?

    /// A heartbeat.
    public init(progress: Progress? = nil, holding: Holding? = nil) {
        self.progress = progress
        self.holding = holding
    }
}
