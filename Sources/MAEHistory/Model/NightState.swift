/// How a node fared in one night.
public enum NightState: Character, Sendable, CaseIterable {
    /// The same bits as most nodes of its numeric class.
    case same = "="
    /// The same, computed by another build than in its night before.
    case newBuild = "b"
    /// Another numeric class, whose outputs are within the tolerance.
    case withinTolerance = "~"
    /// Other bits than most, than itself in a second run, or than the coordinator's machine computes.
    case otherBits = "x"
    /// Work of it was lost, or it was expected and never came.
    case lost = "!"
    /// It had nothing to run, or was not part of the run.
    case notRun = "."

    /// Whether the night counts against the node.
    public var isBad: Bool { self == .otherBits || self == .lost }

    /// The name of its color.
    var kind: String {
        switch self {
        case .same: "identical"
        case .newBuild: "build"
        case .withinTolerance: "close"
        case .otherBits: "differs"
        case .lost: "lost"
        case .notRun: "none"
        }
    }

    /// The state in words.
    var words: String {
        switch self {
        case .same: "same bits"
        case .newBuild: "same bits, new build"
        case .withinTolerance: "within tolerance"
        case .otherBits: "other bits"
        case .lost: "lost"
        case .notRun: "not run"
        }
    }
}
