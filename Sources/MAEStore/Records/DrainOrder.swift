import Foundation

/// A node that is to be given no more jobs, by any run, until the order is taken back.
public struct DrainOrder: Sendable, Hashable {
    /// Name of the node.
    public let node: String
    /// When the order was given.
    public let since: Date
}
