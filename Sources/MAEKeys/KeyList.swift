import Foundation
import MAEDomain
import ZeroMQ

/// Who may connect to a coordinator, and who no longer may.
public struct KeyList: Sendable, Equatable {
    /// A node and the key that it was added or revoked under.
    public struct Entry: Sendable, Equatable {
        /// The node's name.
        public let node: NodeID
        /// Its public key.
        public let key: CurvePublicKey
        /// When it was added, or revoked.
        public let date: Date
    }

    /// Nodes that may connect, by name.
    public internal(set) var nodes: [Entry] = []
    /// Keys that were revoked, by name and date.
    public internal(set) var revoked: [Entry] = []
    /// Files that were left out, and why: their nodes may not connect.
    public internal(set) var faults: [KeyError] = []

    /// No nodes.
    public init() {}
}
