import MAEDomain
import MAEVerify

/// What was made of a run's results: every comparison and every finding.
public struct Judgement: Sendable, Equatable {
    /// Pairs of observations, compared.
    public var comparisons: [ComparisonRecord]
    /// What was concluded.
    public var findings: [FindingRecord]

    /// Collects a judgement.
    public init(comparisons: [ComparisonRecord] = [], findings: [FindingRecord] = []) {
        self.comparisons = comparisons
        self.findings = findings
    }
}

/// Two observations of one batch, compared.
public struct ComparisonRecord: Sendable, Equatable {
    /// The one side.
    public let left: Cell
    /// The other side, of the same batch.
    public let right: Cell
    /// How they relate, in a word, such as `identical`.
    public let relation: String
    /// The first stage that differs; nil when none does.
    public let stage: String?
    /// Largest absolute difference of the outputs, possibly infinite; nil when it was not measured.
    public let maximum: Double?

    /// Describes a comparison.
    public init(left: Cell, right: Cell, relation: String, stage: String? = nil, maximum: Double? = nil) {
        precondition(left.batch == right.batch, "only observations of one batch are compared")
        self.left = left
        self.right = right
        self.relation = relation
        self.stage = stage
        self.maximum = maximum
    }
}

/// A conclusion about a run.
public struct FindingRecord: Sendable, Equatable {
    /// What kind of finding it is, for programs.
    public let code: String
    /// How much it matters.
    public let severity: Severity
    /// The finding in one sentence.
    public let text: String
    /// The node concerned, if it is one.
    public let node: String?
    /// The loading method concerned, if it is one.
    public let method: String?
    /// The batch concerned, if it is one.
    public let batch: Int?

    /// Describes a finding.
    public init(
        code: String, severity: Severity, text: String, node: String? = nil, method: String? = nil, batch: Int? = nil
    ) {
        self.code = code
        self.severity = severity
        self.text = text
        self.node = node
        self.method = method
        self.batch = batch
    }
}
