/// Something the checkpoint reader noticed and read on.
public struct LoadFinding: Sendable, Hashable {
    /// The code of weights that are NaN or infinite.
    package static let nonFiniteWeights = "non-finite-weights"
    /// The code of given images that hold NaN or infinity.
    package static let nonFiniteImages = "non-finite-images"

    /// What kind of thing it is, for programs.
    public var code: String
    /// How much it matters.
    public var severity: Severity
    /// What was seen and what was done about it.
    public var text: String

    /// Describes something noticed.
    public init(code: String, severity: Severity, text: String) {
        self.code = code
        self.severity = severity
        self.text = text
    }
}

/// How much a finding matters.
public enum Severity: String, Sendable, CaseIterable, Comparable {
    /// Worth knowing; nothing is wrong.
    case note
    /// Something is odd and may matter.
    case warning
    /// Something is wrong.
    case error

    /// Orders from ``note`` to ``error``.
    public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .note: 0
        case .warning: 1
        case .error: 2
        }
    }
}
