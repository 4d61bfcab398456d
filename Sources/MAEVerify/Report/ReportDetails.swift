/// What a report says beyond the verification itself.
public struct ReportDetails: Sendable {
    /// Program and library names with their versions.
    public var versions: [String: String]
    /// When the run began, in ISO 8601; nil when not known.
    public var startedAt: String?
    /// How long the run took, in seconds; nil when not known.
    public var seconds: Double?
    /// Nodes that were told to drain, by name.
    public var drainedNodes: [String]
    /// When the run began, in seconds since 1970, for people who read the time of their own zone; nil when not known.
    public var startedAtSeconds: Double?
    /// The command line, as a shell takes it; nil when not known.
    public var command: String?
    /// The folder of the store, as a person names it; nil where it is the one that commands use when none is named.
    public var store: String?
    /// What the results kept of the first image, where some kept other patches than others.
    public var masks: [PatchGrid] = []
    /// What came of setting the run against a baseline; nil where it was set against none.
    public var baseline: BaselineSummary?

    /// Collects details.
    public init(
        versions: [String: String] = [:], startedAt: String? = nil, seconds: Double? = nil, drainedNodes: [String] = []
    ) {
        self.versions = versions
        self.startedAt = startedAt
        self.seconds = seconds
        self.drainedNodes = drainedNodes
    }
}
