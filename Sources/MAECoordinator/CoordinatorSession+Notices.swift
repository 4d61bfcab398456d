import Foundation
import MAECluster
import MAEStore
import MAEVerify

extension CoordinatorSession {
    /// Records and logs what the state machine noticed.
    mutating func note(_ notice: Notice) {
        switch notice {
        case .joined(let node, _, let former), .returned(let node, _, let former):
            if let identity = introductions[node] {
                identities[node] = identity
                changes.nodes.append(identity)
            }
            tally.join(node)
            log.info("\(node) is in the cluster\(former.map { ", in place of \($0)" } ?? "")\(classText(of: node))")
        case .lost(let node, let loss):
            tally.lose(node)
            log.warning("\(node) is lost: \(loss)")
            // A question is for one node alone: without it, the run is not to wait until its deadline.
            if tally.isFollowingUp { handle(.drain) }
        case .refused(let node, let rejection): log.warning("\(node) was refused: \(rejection)")
        case .granted(let job, let node):
            granted[job.lease] = job
            tally.grant(job, to: node)
        case .revoked(let lease, let node, let cause):
            recordFailure(lease, node, cause)
            tally.revoke(lease, of: node)
            log.warning("batch given back by \(node): \(cause)", metadata: ["lease": "\(lease)"])
        case .setAside(let lease, let node, let cause):
            // It was revoked just before.
            let index = changes.failures.lastIndex { $0.lease == lease.id.rawValue }
            if let index { changes.failures[index].outcome = .setAside }
            log.error("batch given up on \(node): \(cause)", metadata: ["lease": "\(lease)"])
        case .setAsideEverywhere(let shard, let cause):
            log.error(
                "batch \(shard.batch) by \(shard.method) is given up on every node: it was the end of several (\(cause))",
                metadata: ["shard": "\(shard.id.rawValue)"])
        case .spared(let job, let node, let slow):
            log.notice(
                "batch \(job.shard.batch) by \(job.shard.method) takes long: \(node) computes it too",
                metadata: ["lease": "\(job.lease)", "slow": "\(slow)"])
        case .draining(let node): log.notice("\(node) gets no more work")
        case .drained(let node, let open):
            log.notice("\(node) is drained\(open == 0 ? "" : "; \(open) batches wait for somebody in its place")")
        case .undrained(let node): log.notice("\(node) gets work again")
        case .resultRefused(let lease, let node, let reason):
            log.warning("a result of \(node) was refused: \(reason)", metadata: ["lease": "\(lease)"])
        }
    }

    private mutating func recordFailure(_ lease: Lease, _ node: NodeID, _ cause: Cause) {
        guard let job = granted.removeValue(forKey: lease) else { return }
        changes.failures.append(
            FailedGrant(
                lease: lease.id.rawValue, epoch: lease.epoch.rawValue, shard: job.shard.id.rawValue, node: node.name,
                outcome: .revoked, cause: cause.description, time: Date()))
    }

    /// The class of a node and why it is in it, with a peer's control characters made visible.
    private func classText(of node: NodeID) -> String {
        guard let identity = identities[node] else { return "" }
        return ", class \(identity.numericClass.debugDescription)"
            + (identity.classReason.map { ": \($0.debugDescription)" } ?? "")
    }

    /// The places that stay empty; questions are no places.
    func failures(_ summary: RunSummary) -> [ShardFailure] {
        summary.missing.filter { catalogue[$0.shard.id].attempt == 0 }.flatMap { missing in
            let causes = missing.causes.prefix(missing.want - missing.have)
            return causes.map { shortfall in
                ShardFailure(
                    node: shortfall.node?.name ?? "", method: missing.shard.method, batch: missing.shard.batch,
                    code: shortfall.cause.code, message: shortfall.cause.description)
            }
        }
    }
}

extension Cause {
    /// The kind of cause, for programs.
    fileprivate var code: String {
        switch self {
        case .nodeLost: "node-lost"
        case .stalled: "stalled"
        case .expired: "expired"
        case .failed: "failed"
        case .badInput: "bad-input"
        case .runEnded: "run-ended"
        case .drained: "drained"
        }
    }
}
