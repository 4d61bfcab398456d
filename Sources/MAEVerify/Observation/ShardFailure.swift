/// A piece of work that gave no observation.
public struct ShardFailure: Sendable, Hashable {
    /// Name of the node that had the work; empty when no node ever took it.
    public var node: String
    /// Label of the loading method.
    public var method: String
    /// Index of the batch.
    public var batch: Int
    /// What kind of failure, for programs.
    public var code: String
    /// The code that the worker's engine gave; nil when no worker reported the failure.
    public var error: String?
    /// What went wrong and what to do about it.
    public var message: String

    /// Describes lost work.
    public init(node: String, method: String, batch: Int, code: String, error: String? = nil, message: String) {
        self.node = node
        self.method = method
        self.batch = batch
        self.code = code
        self.error = error
        self.message = message
    }

    /// The place that stays empty.
    public var cell: Cell { Cell(node: node, method: method, batch: batch) }
}
