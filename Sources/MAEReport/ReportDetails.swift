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
