/// One life of a worker process: a number it draws at random when it starts.
public struct Incarnation: Sendable, Hashable {
    /// The number.
    public let rawValue: UInt64

    /// Wraps the number a worker drew.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// One stay of a worker in the cluster, from its Welcome until it is lost or leaves.
///
/// The coordinator counts sessions up from a number that it draws at random, so a session of an earlier coordinator is
/// not taken for one of its own.
public struct SessionID: Sendable, Hashable {
    /// The number.
    public let rawValue: UInt64

    /// Wraps the number.
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// Where messages of a worker come from and go to.
public struct Peer: Sendable, Hashable {
    /// The route of the transport, which a reconnection may change.
    public let route: [UInt8]
    /// The identity that the transport proved, its public key for example; empty where none was asked for.
    public let identity: [UInt8]

    /// Names a peer by its route and its authenticated identity.
    public init(route: [UInt8], identity: [UInt8] = []) {
        self.route = route
        self.identity = identity
    }
}

/// Names one shard of a run.
public struct ShardID: Sendable, Hashable, Comparable {
    /// The number, unique in its run.
    public let rawValue: Int

    /// Wraps the number.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Lower numbers first.
    public static func < (left: ShardID, right: ShardID) -> Bool { left.rawValue < right.rawValue }
}
