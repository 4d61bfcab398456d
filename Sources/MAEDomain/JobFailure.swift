/// Why a shard could not be computed.
public struct JobFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where the cause is, which decides whether another try can succeed.
    public enum Fault: String, Sendable, CaseIterable {
        /// In the checkpoint or the job: it fails everywhere.
        case input
        /// In this machine: another may succeed.
        case node
        /// In our own code.
        case `internal`
    }

    /// The code of a failure for which a worker takes its own files only, and they are not those of the run: no file need be wrong.
    public static let filesRefused = "otherFile"

    /// The kind of failure, for programs; empty when there is none.
    public var code: String
    /// What is wrong, for people.
    public var message: String
    /// What to do about it; empty when there is nothing to say.
    public var remedy: String
    /// Where the cause is.
    public var fault: Fault

    /// Describes a failure.
    public init(code: String = "", message: String, remedy: String = "", fault: Fault) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.fault = fault
    }

    /// What is wrong, with the remedy.
    public var description: String { remedy.isEmpty ? message : "\(message): \(remedy)" }
}
