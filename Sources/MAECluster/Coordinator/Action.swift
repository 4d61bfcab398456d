import MAEDomain

extension CoordinatorStateMachine {
    /// What the owner of the machine must do, in the order given.
    public enum Action: Sendable {
        /// Send a message.
        case send(CoordinatorMessage<Job<Work>>, to: Peer)
        /// Make the result durable, then report ``Event/stored(_:)``.
        case store(Job<Work>, node: NodeID, Output)
        /// Something happened that the log, or the record of the run, should know.
        case note(Notice)
        /// Nothing is left to do: look at the results, then send ``Event/rerun(_:)`` or ``Event/finish``.
        case settled(RunSummary<Work>)
        /// Goodbyes are sent: the run is over.
        case ended(RunSummary<Work>)
    }

    /// What happens to the machine.
    public enum Event: Sendable {
        /// A message came in.
        case received(WorkerMessage<Introduction, Output>, from: Peer)
        /// The result of an ``Action/store(_:node:_:)`` is durable.
        case stored(Lease)
        /// A peer with this identity was sent a part of a file that it had not been sent before.
        ///
        /// Where no keys are used, all peers have the same identity, and the part counts for each that says that it fetches.
        case fetched(identity: [UInt8])
        /// Run these shards too. After the deadline or a cancellation they are not run, and the run is settled as it was.
        case rerun([Shard<Work>])
        /// The peers with this identity may take part no more: they lose what they hold and are told nothing.
        ///
        /// The caller keeps their later messages away.
        case expel(identity: [UInt8])
        /// Give this node no more jobs; it finishes the one it runs. Holds until ``undrainNode(_:)``, also when the node is
        /// started again.
        case drainNode(NodeID)
        /// Give this node jobs again.
        case undrainNode(NodeID)
        /// Grant nothing until ``resumeGrants``: who may take part is not known. What nodes hold goes on.
        case suspendGrants
        /// Grant again.
        case resumeGrants
        /// Grant no more, wait for what runs, then settle.
        case drainRun
        /// Revoke what runs, and settle.
        case cancel
        /// The results have been looked at: say Goodbye to all nodes.
        case finish
        /// Time has passed.
        case tick
    }

    /// Things worth a line in a log.
    public enum Notice: Sendable {
        /// A node not seen before in this run; `takingOver` is the owner whose slot it took.
        case joined(NodeID, Introduction, slot: Int, takingOver: NodeID?)
        /// A node came back; `takingOver` as above when its own slot was taken meanwhile.
        case returned(NodeID, Introduction, slot: Int, takingOver: NodeID?)
        /// A node is no longer there.
        case lost(NodeID, Loss)
        /// A Hello was rejected.
        case refused(NodeID, Rejection)
        /// A job was granted.
        case granted(Job<Work>, NodeID)
        /// A grant ended without a result.
        case revoked(Lease, NodeID, Cause)
        /// A shard will have no result in this place.
        case givenUp(Lease, NodeID, Cause)
        /// A shard crashed several nodes: no node is to run it any more.
        case quarantined(Shard<Work>, Cause)
        /// A shard takes so long that it was granted to one more node, as the job; `straggler` is the lease that takes long.
        case speculated(Job<Work>, NodeID, straggler: Lease)
        /// A node was told to drain.
        case draining(NodeID)
        /// A node that drains has nothing in hand any more; so many shards wait in its slot for another node.
        case drained(NodeID, open: Int)
        /// A node takes jobs again.
        case undrained(NodeID)
        /// A result was not accepted.
        case resultRefused(Lease, NodeID, LeaseRejection)
    }
}

extension CoordinatorStateMachine.Notice: Equatable where Introduction: Equatable, Work: Equatable {}
extension CoordinatorStateMachine.Action: Equatable where Introduction: Equatable, Work: Equatable, Output: Equatable {}
