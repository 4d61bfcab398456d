import MAEText

/// A run while it goes on, as a page and a terminal show it.
public struct LiveRun: Sendable, Equatable {
    /// How much of some work is done.
    public struct Work: Sendable, Equatable {
        /// Results that there are.
        public var done: Int
        /// Results that there are to be; nil where nodes share the work out.
        public var expected: Int?
        /// Results a second; nil where that cannot be told.
        public var perSecond: Double?

        /// Collects what is known of the work.
        public init(done: Int, expected: Int?, perSecond: Double? = nil) {
            (self.done, self.expected, self.perSecond) = (done, expected, perSecond)
        }

        /// The part that is done, from 0 to 1; nil where it is not known how much there is.
        var share: Double? { expected.map { $0 == 0 ? 1 : Double(done) / Double($0) } }

        /// How long the rest takes at this rate, in seconds; nil where that cannot be told, and where there is no rest.
        var secondsLeft: Double? {
            guard let expected, expected > done, let perSecond, perSecond > 0 else { return nil }
            return Double(expected - done) / perSecond
        }

        /// `3/12`, or `3` where nodes share the work out.
        var count: String { "\(done)" + (expected.map { "/\($0)" } ?? "") }
    }

    /// A loading method.
    public struct Method: Sendable, Equatable {
        /// Its label.
        public var label: String
        /// Results by it, of all nodes.
        public var work: Work

        /// A method and its work.
        public init(label: String, work: Work) { (self.label, self.work) = (label, work) }
    }

    /// A node.
    public struct Node: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Its state in a word or two, by which nodes are counted: `computing`, `waiting`, `lost`.
        public var state: String
        /// What it is at, in words.
        public var activity: String
        /// Whether it is in the cluster now.
        public var isPresent: Bool
        /// Its results by all methods, and by each, in the order of ``LiveRun/methods``.
        public var work: Work, byMethod: [Work]

        /// A node and its work.
        public init(
            name: String, state: String, activity: String, isPresent: Bool, work: Work, byMethod: [Work] = []
        ) {
            (self.name, self.state, self.activity, self.isPresent) = (name, state, activity, isPresent)
            (self.work, self.byMethod) = (work, byMethod)
        }
    }

    /// A batch whose results disagree.
    public struct Disagreement: Sendable, Equatable {
        /// An output: the digest's first letters, how many results have it, and the one that came first.
        public struct Output: Sendable, Equatable {
            /// The first letters of its digest.
            public var digest: String
            /// Results that have it.
            public var count: Int
            /// Where it came from first.
            public var node: String, method: String

            /// An output.
            public init(digest: String, count: Int, node: String, method: String) {
                (self.digest, self.count, self.node, self.method) = (digest, count, node, method)
            }

            /// `1129ac3a from worker-1 / full`, and how many more results have it.
            var words: String {
                "\(digest) from \(node) / \(method)" + (count > 1 ? " and \(count - 1) more" : "")
            }
        }

        /// Index of the batch.
        public var batch: Int
        /// Its outputs, in the order in which they came.
        public var outputs: [Output]

        /// A batch and its outputs.
        public init(batch: Int, outputs: [Output]) { (self.batch, self.outputs) = (batch, outputs) }

        /// `batch 0: 1129ac3a from worker-1 / full and 2 more, 91c9ec72 from worker-2 / full`.
        var words: String { "batch \(batch): " + outputs.map(\.words).joined(separator: ", ") }
    }

    /// Something that was told of the run.
    public struct Notice: Sendable, Equatable {
        /// When it was told last, in seconds since 1970.
        public var time: Double
        /// A sentence.
        public var text: String
        /// Whether something went wrong.
        public var isWarning: Bool

        /// A sentence and its time.
        public init(time: Double, text: String, isWarning: Bool) {
            (self.time, self.text, self.isWarning) = (time, text, isWarning)
        }
    }

    /// Name of the run.
    public var run: String
    /// When it began, in seconds since 1970.
    public var startedAt: Double
    /// What the run is at, in a few words.
    public var state: String
    /// All results.
    public var work: Work
    /// Nodes that are expected.
    public var expectedNodes: Int
    /// How long the whole will take, in seconds; nil where that cannot be told.
    public var secondsLeft: Double?
    /// The loading methods, as the plan lists them.
    public var methods: [Method] = []
    /// The nodes, by name.
    public var nodes: [Node] = []
    /// The first batches that disagree, as far as digests tell.
    public var disagreements: [Disagreement] = []
    /// How many batches disagree.
    public var disagreeingBatches = 0
    /// What was told, the latest last.
    public var notices: [Notice] = []

    /// A run that has just begun.
    public init(run: String, startedAt: Double, state: String, work: Work, expectedNodes: Int) {
        (self.run, self.startedAt, self.state) = (run, startedAt, state)
        (self.work, self.expectedNodes) = (work, expectedNodes)
    }

    /// Nodes that are in the cluster now, counted by state, the commonest first, and behind them those that are gone.
    var states: [(state: String, count: Int)] {
        let present = nodes.filter(\.isPresent)
        let here = Dictionary(grouping: present, by: \.state).mapValues(\.count)
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let gone = Dictionary(grouping: nodes.filter { !$0.isPresent }, by: \.state).mapValues(\.count)
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return (here + gone).map { ($0.key, $0.value) }
    }

    /// `28 of 30 nodes: 25 computing, 3 waiting, 2 lost`.
    var nodeWords: String {
        let present = nodes.count(where: \.isPresent)
        let counts = states.map { "\($0.count) \($0.state)" }.joined(separator: ", ")
        return "\(present) of \(NumberText.count(max(expectedNodes, present), "node"))"
            + (counts.isEmpty ? "" : ": \(counts)")
    }
}

/// Figures of a run that goes on, as people read them.
enum LiveWords {
    /// `12 s`, `3 min`, `2 h 5 min`: whole seconds below two minutes.
    static func span(_ seconds: Double) -> String {
        let seconds = Int(min(max(seconds, 0), 1e9).rounded(.up))
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        default: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        }
    }

    /// `4.2 results/s`, or by the minute or hour where there is less than one a second.
    static func rate(_ perSecond: Double) -> String {
        let units = [(1.0, "s"), (60, "min"), (3600, "h")]
        let unit = units.first { perSecond * $0.0 >= 1 } ?? units[2]
        return "\(NumberText.short(perSecond * unit.0)) results/\(unit.1)"
    }
}
