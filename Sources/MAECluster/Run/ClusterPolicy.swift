/// The times and limits that a coordinator works by.
public struct ClusterPolicy: Sendable, Hashable {
    /// How often a worker must send a heartbeat.
    public var heartbeatInterval: Duration = .seconds(1)
    /// Without any message for this long, a node is lost.
    public var silenceTimeout: Duration = .seconds(10)
    /// With heartbeats but no progress on its job for this long, a node is stuck and loses its leases.
    public var stallTimeout: Duration = .seconds(120)
    /// No job may run longer than this, even with progress.
    public var leaseLimit: Duration = .seconds(1800)
    /// How long a job may run once it is known how long others of its method take, where ``mediansPerJob`` is not longer.
    ///
    /// Time to read a large checkpoint from a slow disk; fetching that the coordinator has seen is extra.
    public var shortestLimit: Duration = .seconds(600)
    /// How many times what the middle node takes a job may take: as much as the slowest device is behind the fastest.
    public var mediansPerJob = 100
    /// For this long after a node was last heard, another incarnation cannot take its name.
    public var nameGuard: Duration = .seconds(3)
    /// Leases a node holds at once: the one it runs, and those that wait for it on the node.
    public var leasesPerNode = 2
    /// Most leases a node holds where jobs are so short that it would wait for the next one.
    public var mostLeasesPerNode = 16
    /// The work that a node has in hand, as far as ``mostLeasesPerNode`` allows.
    public var workInHand: Duration = .milliseconds(50)
    /// A shard that failed this many times on one node is given up in its place.
    public var triesPerNode = 3
    /// So often is a try taken back on one node because its process, which had fallen silent, turned out to be alive.
    public var triesTakenBack = 10
    /// A coordinator that is called this much later than it asked for did not run meanwhile: deadlines are extended.
    public var lateness: Duration = .seconds(2)
    /// A shard is quarantined, on all nodes, after it crashed this many processes on ``nodesBeforeQuarantine`` nodes.
    public var crashesBeforeQuarantine = 3
    /// On how many different nodes, or all where fewer are expected; and on more than have computed it.
    ///
    /// Fewer than these together cannot keep a shard from the others by crashing over it on purpose.
    public var nodesBeforeQuarantine = 3
    /// Minimum run time before a straggler is granted speculatively to a second node.
    public var shortestStraggler: Duration = .seconds(1)
    /// Most different node names in one run.
    public var maximumNodes = 1024
    /// The window over which Hellos, and messages of peers that are no members, are counted.
    public var helloWindow: Duration = .seconds(10)
    /// Most of them from one peer in a window.
    public var hellosPerPeer = 20
    /// Most of them from all peers in a window.
    public var hellosInAll = 16_384

    /// The default policy.
    public init() {}
}
