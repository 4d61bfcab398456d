import MAEDomain

/// Worker to coordinator: who I am and what I compute with.
public struct Hello: Sendable, Equatable {
    /// The node as it introduces itself.
    public var node: NodeIdentity
    /// Jobs that the worker takes at a time, running and waiting.
    public var maximumJobs: Int

    /// An introduction.
    public init(node: NodeIdentity, maximumJobs: Int) {
        self.node = node
        self.maximumJobs = maximumJobs
    }
}
