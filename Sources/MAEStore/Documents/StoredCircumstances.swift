import MAEVerify

/// How a run went apart from its results, in a document.
struct StoredCircumstances: Codable, Hashable {
    struct Absent: Codable, Hashable {
        var name: String
        var lastRun: String?
    }

    struct Refused: Codable, Hashable {
        var peer, reason: String
        var count: Int
    }

    struct Lost: Codable, Hashable {
        var name, code, reason: String
        var after: Double?
        var results: Int
        var share: Int?
        var method: String?
        var batch: Int?
    }

    /// `finished`, `time-limit`, `interrupted` or `workers-ended`.
    var ending: String
    /// The time limit in seconds; nil for other endings.
    var limit: Double?
    var absent: [Absent]
    /// Nil where no node was lost, and in judgements of older versions.
    var lost: [Lost]?
    /// Names of nodes that had nothing to run.
    var idle: [String]
    var refused: [Refused]
    /// Nil where no node was told to drain, and in judgements of older versions.
    var drained: [String]?
    /// The same of nodes whose key was revoked.
    var revoked: [String]?

    init(_ circumstances: RunCircumstances) {
        switch circumstances.ending {
        case .finished: ending = "finished"
        case .timeLimit(let seconds): (ending, limit) = ("time-limit", seconds)
        case .interrupted: ending = "interrupted"
        case .workersEnded: ending = "workers-ended"
        }
        absent = circumstances.absent.map { Absent(name: $0.name, lastRun: $0.lastRun) }
        lost = circumstances.lost.isEmpty ? nil : circumstances.lost.map(Lost.init)
        idle = circumstances.idle
        refused = circumstances.refused.map { Refused(peer: $0.peer, reason: $0.reason, count: $0.count) }
        drained = circumstances.drained.isEmpty ? nil : circumstances.drained
        revoked = circumstances.revoked.isEmpty ? nil : circumstances.revoked
    }

    /// The circumstances as they were; nil for an ending that there is not.
    var circumstances: RunCircumstances? {
        let ending: RunCircumstances.Ending
        switch (self.ending, limit) {
        case ("finished", nil): ending = .finished
        case ("time-limit", let seconds?): ending = .timeLimit(seconds: seconds)
        case ("interrupted", nil): ending = .interrupted
        case ("workers-ended", nil): ending = .workersEnded
        default: return nil
        }
        return RunCircumstances(
            ending: ending, absent: absent.map { AbsentNode(name: $0.name, lastRun: $0.lastRun) },
            lost: (lost ?? []).map(\.node), idle: idle,
            refused: refused.map { RefusedPeer(peer: $0.peer, reason: $0.reason, count: $0.count) },
            drained: drained ?? [], revoked: revoked ?? [])
    }
}

extension StoredCircumstances.Lost {
    fileprivate init(_ node: LostNode) {
        (name, code, reason, after) = (node.name, node.code, node.reason, node.after)
        (results, share, method, batch) = (node.results, node.share, node.job?.method, node.job?.batch)
    }

    /// The node as it was.
    fileprivate var node: LostNode {
        var job: LostNode.Job?
        if let method, let batch { job = LostNode.Job(method: method, batch: batch) }
        return LostNode(
            name: name, code: code, reason: reason, after: after, results: results, share: share, job: job)
    }
}
