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

    /// A node that was gone before its share was done.
    struct Lost: Encodable {
        var name, code, reason: String
        var afterSeconds: Double?
        var results: Int
        var shards: Int?
        var method: String?
        var batch: Int?

        init(_ node: LostNode) {
            (name, code, reason, afterSeconds) = (node.name, node.code, node.reason, node.after)
            (results, shards, method, batch) = (node.results, node.share, node.job?.method, node.job?.batch)
        }
    }

    /// How quick a node was.
    struct Pace: Encodable {
        var node: String
        var shards: Int
        var share, medianSeconds: Double

        init(_ pace: NodePace) {
            (node, shards, share, medianSeconds) = (pace.node, pace.shards, pace.share, pace.medianSeconds)
        }
    }
}
