import MAEVerify

extension JSONReport {
    /// A node that never came.
    struct Absent: Encodable {
        var name: String
        var lastRun: String?

        init(_ node: AbsentNode) { (name, lastRun) = (node.name, node.lastRun) }
    }

    /// A peer that was turned away.
    struct Refused: Encodable {
        var peer, reason: String
        var count: Int

        init(_ peer: RefusedPeer) { (self.peer, reason, count) = (peer.peer, peer.reason, peer.count) }
    }
}
