import Foundation
import MAEDomain
import MAEVerify

/// How a node is doing, as the coordinator of a run saw it last.
public struct NodeStatus: Sendable, Hashable {
    /// The state of a node in a word.
    public enum State: String, Sendable, CaseIterable {
        /// It handed in results to an earlier coordinator of the run and has not come back.
        case expected
        /// It is there and may be given jobs.
        case present
        /// It is there, but the job it runs makes no progress.
        case stuck
        /// It was told to drain and still has something in hand.
        case draining
        /// It was told to drain and has nothing in hand.
        case drained
        /// It is gone without a word.
        case lost
        /// It said Goodbye.
        case left
    }

    /// A shard that a node runs.
    public struct Job: Sendable, Hashable {
        /// Label of the loading method.
        public let method: String
        /// Index of the batch.
        public let batch: Int

        /// One batch by one method.
        public init(method: String, batch: Int) {
            self.method = method
            self.batch = batch
        }
    }

    /// Its state.
    public var state: State
    /// Why it is lost, in words; nil in other states.
    public var cause: String?
    /// When it was heard last; nil when this coordinator never heard it.
    public var heard: Date?
    /// Jobs in its hands, the one it runs included.
    public var jobs: Int
    /// The job it runs; nil when it runs none.
    public var job: Job?

    /// Describes how a node is doing.
    public init(state: State, cause: String? = nil, heard: Date? = nil, jobs: Int = 0, job: Job? = nil) {
        self.state = state
        self.cause = cause
        self.heard = heard
        self.jobs = jobs
        self.job = job
    }
}

/// A node of a run, as ``Store/nodes(of:)`` gives it.
public struct NodeRecord: Sendable, Hashable {
    /// How it introduced itself.
    public let identity: NodeIdentity
    /// How it was doing when the coordinator said so last; nil in runs recorded before there was anything to say.
    public let status: NodeStatus?
    /// Results of it that are stored.
    public let results: Int
    /// Images a second of its latest results, loading and drawing included; nil when they say nothing of time.
    public let imagesPerSecond: Double?
}
