/// One shard in one place, and what became of it.
struct Assignment: Sendable {
    /// Where a shard is to be run.
    enum Place: Sendable, Hashable {
        /// By whoever holds this slot.
        case slot(Int)
        /// By this node and no other.
        case node(NodeID)
    }

    enum State: Sendable, Hashable {
        /// Waits for a node.
        case pending
        /// Granted to a node.
        case leased(NodeID)
        /// A result was accepted and is being made durable.
        case storing(NodeID)
        /// The result is durable.
        case done(NodeID)
        /// There will be no result.
        case setAside(Cause)
    }

    let id: LeaseID
    let shard: Shard
    let place: Place
    /// Of the latest grant.
    var epoch: Epoch
    var state = State.pending
    /// How often it went wrong, by node.
    var tries: [NodeID: Int] = [:]
    /// Why it went wrong last.
    var lastCause: Cause?

    var lease: Lease { Lease(id: id, epoch: epoch) }
}
