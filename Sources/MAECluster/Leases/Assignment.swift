import MAEDomain

/// One shard in one place, from its first grant on, and what became of it.
///
/// What went wrong is kept apart, in ``FailureRecord``: it is rare, and there may be millions of these, which ``AssignmentTable`` keeps.
@usableFromInline
struct Assignment: Sendable, Equatable {
    /// Where a shard is to be run.
    @usableFromInline enum Place: Sendable, Hashable {
        /// By the owner of this slot.
        case slot(Int)
        /// By this node and no other: a re-run.
        case node(NodeNumber)
        /// In addition to the places above. A result that an earlier coordinator stored from a node that owns another slot
        /// now, or a speculative grant.
        case extra
    }

    @usableFromInline enum State: Sendable, Hashable {
        /// Waits for a node.
        case pending
        /// Granted to a node.
        case leased(NodeNumber)
        /// A result was accepted and is being made durable.
        case storing(NodeNumber)
        /// The result is durable.
        case done(NodeNumber)
        /// There will be no result.
        case closed
    }

    let id: LeaseID
    /// Row in the shard table.
    @usableFromInline let row: Int
    let place: Place
    /// Of the latest grant.
    var epoch: Epoch
    var state = State.pending

    var lease: Lease { Lease(id: id, epoch: epoch) }
    var isLeased: Bool { if case .leased = state { true } else { false } }
}

/// What went wrong with an assignment.
struct FailureRecord: Sendable {
    /// Failed tries by node.
    var tries: [NodeNumber: Int] = [:]
    /// How often a try was taken back, by node.
    var takenBack: [NodeNumber: Int] = [:]
    /// Why the last one failed.
    var lastCause: Cause?
    /// Whether the shard is given up in its place.
    var isFinal = false
}
