import MAECluster
import MAEDomain
import MAETensor
import MAEText
import MAEVerify
import MAEWire

/// How far a run is, to be shown.
public struct RunProgress: Sendable, Equatable {
    /// One node.
    public struct Node: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Whether it is in the cluster now.
        public var isPresent: Bool
        /// Whether it was told to drain: it gets no more jobs.
        public var isDraining = false
        /// Whether another node took its place, and its share with it.
        public var isReplaced = false
        /// Results that are stored.
        public var results: Int
        /// Those of them that the run set out for, by loading method.
        public var byMethod: [String: Int] = [:]
        /// How long it has been gone, with work that waits for it; nil of one that is here or owes nothing.
        public var absence: Absence?
        /// The method and batch that it computes; nil when it computes none.
        public var job: Job?
        /// What that job is at; nil before the first heartbeat that tells.
        public var progress: JobProgress?
    }

    /// That a node is gone, and its share is not done.
    public struct Absence: Sendable, Equatable {
        /// For how many seconds; of a minute and more, whole minutes.
        public var seconds: Int
        /// How many shards wait for it, or for a node in its place; nil where nodes share the work out.
        public var waiting: Int?

        /// `lost 12 s ago, 3 shards wait for it`.
        public var words: String {
            let work = waiting.map { ", \(NumberText.count($0, "shard")) \($0 == 1 ? "waits" : "wait") for it" } ?? ""
            return "lost \(seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min") ago\(work)"
        }
    }

    /// A shard on a node.
    public struct Job: Sendable, Equatable {
        /// Label of the loading method.
        public let method: String
        /// Index of the batch.
        public let batch: Int
    }

    /// A loading method.
    public struct Method: Sendable, Equatable {
        /// Its label.
        public let label: String
        /// Results by it that are stored, and that there are to be.
        public var done: Int, expected: Int
        /// Results by it that each node is to give; nil where nodes share the work out.
        public let share: Int?
    }

    /// A batch whose results have several outputs, though their numeric class promises the same bits.
    public struct Disagreement: Sendable, Equatable {
        /// Its index.
        public let batch: Int
        /// The outputs, in the order in which they came.
        public var outputs: [Output]
    }

    /// An output of a batch.
    public struct Output: Sendable, Equatable {
        /// Digest of the layer norm.
        public let digest: SHA256Digest
        /// The node and the method that it came from first.
        public let node: String, method: String
        /// How many results have it.
        public var count: Int
    }

    /// Results a second, for what some have come of; a method or node that has given all has none.
    public struct Rates: Sendable, Equatable {
        /// Of all nodes.
        public var all: Double?
        /// By name of the node.
        public var nodes: [String: Double] = [:]
        /// By label of the method.
        public var methods: [String: Double] = [:]
    }

    /// What results are awaited for.
    public enum Phase: Sendable, Equatable {
        /// They are those that the run set out for.
        case gathering
        /// Each node computes the batch that is drawn for the run alone.
        case checking
        /// Results disagreed, and are looked at more closely.
        case explaining
    }

    /// The endpoint listened at, with the real port.
    public let endpoint: String
    /// Nodes that the run was planned for.
    public let expected: Int
    /// Results that are stored.
    public var done: Int
    /// Results that there are to be, as far as is known.
    public var total: Int
    /// What results are awaited for.
    public var phase: Phase
    /// Every node seen, by name.
    public var nodes: [Node]
    /// How long it will take until all results are there; nil before it can be told, and while nodes that are to compute some of them
    /// are missing or were told to drain.
    public var remaining: Duration?
    /// The loading methods, as the plan lists them.
    public var methods: [Method] = []
    /// The first batches whose results disagree, as far as digests tell.
    public var disagreements: [Disagreement] = []
    /// How many such batches there are.
    public var disagreeingBatches = 0
    /// How fast results come.
    public var rates = Rates()

    /// Names of the nodes that are in the cluster now.
    public var present: [String] { nodes.filter(\.isPresent).map(\.name) }

    /// Nodes that are here and were told to drain, while results are missing and no node has anything to do.
    public var idleDrained: [String] {
        let here = nodes.filter(\.isPresent)
        guard done < total, !isFollowingUp, here.allSatisfy({ $0.job == nil }) else { return [] }
        return here.filter(\.isDraining).map(\.name)
    }

    /// Whether results wait for nodes that are here and were told to drain: for one of them, where each has a share of its own.
    var isHeldByDrains: Bool {
        guard done < total, !isFollowingUp else { return false }
        let here = nodes.filter(\.isPresent)
        let shares = methods.compactMap(\.share)
        guard !methods.isEmpty, shares.count == methods.count else {
            return !here.isEmpty && here.allSatisfy(\.isDraining)
        }
        return here.contains {
            $0.isDraining && !$0.isReplaced && $0.byMethod.values.reduce(0, +) < shares.reduce(0, +)
        }
    }

    /// Whether the results that the run set out for are there, and some nodes are asked for more.
    public var isFollowingUp: Bool { phase != .gathering }

    /// Whether results are missing and so are nodes.
    public var isWaitingForNodes: Bool { done < total && !isFollowingUp && present.count < expected }
}

/// What a run came to.
public struct RunOutcome: Sendable {
    /// What is there and what is missing, by shard and node.
    public let summary: RunSummary<ShardWork>
    /// How it ended.
    public let ending: RunCircumstances.Ending
    /// The peers that were turned away.
    public let refused: [RefusedPeer]
    /// Places that stay empty, with the reason.
    public let failures: [ShardFailure]
    /// Nodes that took part and were gone before their share was done, by name.
    public let lost: [LostNode]

    /// Nodes that are present at the end and had nothing to run, by name.
    public var idleNodes: [String] {
        summary.nodes.filter(\.isIdle).map(\.node.name)
    }

    /// Whether a signal, or ``Coordinator/stop(_:)``, ended it.
    public var isInterrupted: Bool { ending == .interrupted || ending == .workersEnded }
}
