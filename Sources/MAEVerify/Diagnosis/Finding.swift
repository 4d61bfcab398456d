import MAEDomain

/// One thing a person should know about a run: what, how it is known, and what to do.
public struct Finding: Sendable, Hashable {
    /// What kind of finding it is, for programs: a ``FindingCode``, or a reader's code behind its prefix.
    public var code: String
    /// How much it matters.
    public var severity: Severity
    /// The cause in one sentence.
    public var sentence: String
    /// What the sentence rests on.
    public var evidence: [String]
    /// What to do about it; empty when nothing needs doing.
    public var remedy: String
    /// A line of Python that does it in the person's own program; nil where there is none.
    public var python: String?
    /// The places concerned.
    public var cells: [Cell]
    /// The place among them that one machine is to compute again to show this; nil where there is none.
    public var replay: Cell?

    /// Describes something found.
    public init(
        code: String, severity: Severity, sentence: String, evidence: [String] = [], remedy: String = "",
        python: String? = nil, cells: [Cell] = []
    ) {
        self.code = code
        self.severity = severity
        self.sentence = sentence
        self.evidence = evidence
        self.remedy = remedy
        self.python = python
        self.cells = cells
    }

    /// Describes something found, of a kind that has a code.
    public init(
        code: FindingCode, severity: Severity, sentence: String, evidence: [String] = [], remedy: String = "",
        python: String? = nil, cells: [Cell] = []
    ) {
        self.init(
            code: code.rawValue, severity: severity, sentence: sentence, evidence: evidence, remedy: remedy,
            python: python, cells: cells)
    }

    /// Whether it says that nodes compute wrongly.
    var blamesNodes: Bool { severity == .error && FindingCode(rawValue: code)?.blamesNodes ?? false }

    /// Whether this is a finding of this kind.
    public func has(_ code: FindingCode) -> Bool { self.code == code.rawValue }
}

/// A finding and the differences it accounts for, so that no later rule reports those as causes of their own.
struct Explanation {
    var finding: Finding
    /// For a pair, by its index in ``Comparison/pairs``, the stages that this cause makes differ.
    var explains: [Int: StageSet] = [:]
    /// The nodes and methods whose wrong answers it accounts for, those to the batch of the run alone included.
    var explainsAnswers: Set<NodeMethod> = []
}

/// The work of a node by one method.
struct NodeMethod: Hashable {
    let node, method: String

    init(_ node: String, _ method: String) { (self.node, self.method) = (node, method) }

    init(_ cell: Cell) { self.init(cell.node, cell.method) }
}
