/// Why a cell of a run cannot be computed again here.
public struct ReplayError: Error, CustomStringConvertible {
    /// Kinds that callers tell apart.
    public enum Code: Sendable {
        /// The run has no such cell, or no result of it.
        case unknownCell
        /// The files are not those of the run.
        case otherFiles
    }

    /// The kind.
    public let code: Code
    /// What is wrong, and the remedy.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
