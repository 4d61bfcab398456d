import MAECluster
import MAEDomain

/// Counts what happens in a run, from the notices of the state machine.
struct RunCounters {
    /// Results that this coordinator has made durable.
    var stored = 0
    /// Messages that could not be read.
    var unreadable = 0
    private(set) var grants = 0
    private(set) var repeatedGrants = 0
    private(set) var speculative = 0
    private(set) var failedGrants: [String: Int] = [:]
    private(set) var lostNodes: [String: Int] = [:]
    private(set) var refusedHellos: [String: Int] = [:]
    private(set) var refusedResults: [String: Int] = [:]
    /// Shards that some place, or every place, has given up.
    private(set) var givenUp: Set<ShardID> = []

    /// Counts a notice; `shard` is that of the lease it is about, if any.
    mutating func count(_ notice: RunMachine.Notice, of shard: ShardID?) {
        switch notice {
        case .granted(let job, _):
            grants += 1
            if job.lease.epoch.isRepeated { repeatedGrants += 1 }
        case .speculated: speculative += 1
        case .revoked(_, _, let cause): failedGrants[cause.code, default: 0] += 1
        case .givenUp: if let shard { givenUp.insert(shard) }
        case .quarantined(let shard, _): givenUp.insert(shard.id)
        case .lost(_, let loss): lostNodes[loss.rawValue, default: 0] += 1
        case .refused(_, let rejection): refusedHellos[rejection.code, default: 0] += 1
        case .resultRefused(_, _, let reason): refusedResults[reason.code, default: 0] += 1
        case .joined, .returned, .draining, .drained, .undrained: break
        }
    }
}

extension Epoch {
    /// The highest epoch before those of the `start`-th coordinator of a run.
    ///
    /// Each start has epochs of its own, so grants need not be recorded before they are sent; and it draws some of their
    /// digits, so that a worker that still runs a job of another run is not taken to run one of this.
    static func before(start: Int) -> Epoch {
        Epoch(rawValue: UInt64(start) << 44 | UInt64.random(in: 0..<1 << 24) << 20)
    }

    /// Whether the same coordinator has granted the lease before.
    fileprivate var isRepeated: Bool { rawValue & 0xF_FFFF > 1 }
}

extension Rejection {
    /// The kind of rejection, for programs.
    fileprivate var code: String {
        switch self {
        case .unknownWorker: "unknown-worker"
        case .nameTaken: "name-taken"
        case .nameNotOfKey: "name-not-of-key"
        case .clusterFull: "cluster-full"
        case .tooManyHellos: "too-many-hellos"
        case .result(_, let reason): reason.code
        case .unsupportedVersion: "unsupported-version"
        case .malformed: "malformed"
        case .contentNotHeld: "content-not-held"
        }
    }
}

extension LeaseRejection {
    /// The kind of rejection, for programs.
    fileprivate var code: String {
        switch self {
        case .neverGranted: "never-granted"
        case .oldEpoch: "old-epoch"
        case .otherHolder: "other-holder"
        }
    }
}
