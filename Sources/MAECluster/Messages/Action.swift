/// What the owner of a ``Cluster`` must do, in the order given.
public enum Action: Sendable, Hashable {
    /// Send a message.
    case send(CoordinatorMessage, to: Peer)
    /// Make the result just handed in durable, then report ``Event/stored(_:)``.
    case store(Job, node: NodeID)
    /// Something happened that the log, or the record of the run, should know.
    case note(Notice)
    /// Nothing is left to do: look at the results, then send ``Event/ask(_:)`` or ``Event/finish``.
    case settled(RunSummary)
    /// Goodbyes are sent: the run is over.
    case ended(RunSummary)
}

/// What happens to a ``Cluster``.
public enum Event: Sendable, Hashable {
    /// A message came in.
    case received(WorkerMessage, from: Peer)
    /// The result of an ``Action/store(_:node:)`` is durable.
    case stored(Lease)
    /// Run these shards too. After the deadline or a cancellation, they are not run, and the run is settled as it was.
    case ask([Shard])
    /// Whoever has this identity may take part no more: it loses what it holds and is told nothing.
    ///
    /// The caller keeps its later messages away.
    case expel(identity: [UInt8])
    /// Give this node no more; it finishes the job it runs. Holds until ``undrainNode(_:)``, also when it is started again.
    case drainNode(NodeID)
    /// Give this node jobs again.
    case undrainNode(NodeID)
    /// Grant no more, wait for what runs, then settle.
    case drain
    /// Revoke what runs, and settle.
    case cancel
    /// The results have been looked at: say Goodbye to everybody.
    case finish
    /// Time has passed.
    case tick
}

/// Things worth a line in a log.
public enum Notice: Sendable, Hashable {
    /// A node not seen before in this run; `takingOver` is the owner whose slot it took.
    case joined(NodeID, slot: Int, takingOver: NodeID?)
    /// A node came back; `takingOver` as above when its own slot was taken meanwhile.
    case returned(NodeID, slot: Int, takingOver: NodeID?)
    /// A node is no longer there.
    case lost(NodeID, Loss)
    /// A Hello was rejected.
    case refused(NodeID, Rejection)
    /// A job was granted.
    case granted(Job, NodeID)
    /// A grant ended without a result.
    case revoked(Lease, NodeID, Cause)
    /// A shard will have no result in this place.
    case setAside(Lease, NodeID, Cause)
    /// A shard has been the end of several nodes: nobody is to run it any more.
    case setAsideEverywhere(Shard, Cause)
    /// A shard takes so long that it was granted to one more node, as `job`; `slow` is the lease that takes long.
    case spared(Job, NodeID, slow: Lease)
    /// A node was told to drain.
    case draining(NodeID)
    /// A node that drains has nothing in hand any more; so many shards wait in its place for somebody else.
    case drained(NodeID, open: Int)
    /// A node takes jobs again.
    case undrained(NodeID)
    /// A result was not accepted.
    case resultRefused(Lease, NodeID, LeaseRejection)
}
