import Foundation
import Logging
import MAECluster
import MAEDomain
import MAEStore
import MAEVerify

extension CoordinatorSession {
    /// Records and logs what the state machine noticed.
    mutating func note(_ notice: RunMachine.Notice) {
        let shard = notice.shard ?? notice.lease.flatMap { machine.shard(of: $0.id)?.id }
        counters.count(notice, of: shard)
        // A function, so that lines that are not logged cost nothing.
        func metadata() -> Logger.Metadata { .about(notice.node, shard: shard, lease: notice.lease) }
        switch notice {
        case .joined(let node, let identity, _, let former), .returned(let node, let identity, _, let former):
            identities[node] = identity
            changes.nodes.append(identity)
            tally.join(node, elapsed: now.sinceOrigin)
            log.info(
                "\(node) is in the cluster\(former.map { ", in place of \($0)" } ?? "")\(classText(of: node))",
                metadata: metadata())
        case .lost(let node, let loss):
            tally.lose(node, elapsed: now.sinceOrigin)
            log.warning("\(node) is lost: \(loss)", metadata: metadata())
        case .refused(let node, let rejection):
            refusals.add(peer: node.name, "\(rejection)")
            log.warning("\(node) was refused: \(rejection)", metadata: metadata())
        case .granted(let job, let node): tally.grant(job, to: node)
        case .revoked(let lease, let node, let cause):
            tally.revoke(lease, of: node)
            // A run that ends takes everything back: that is no fault of any node.
            log.log(
                level: cause == .runEnded ? .debug : .warning, "batch given back by \(node): \(cause)",
                metadata: metadata())
        case .givenUp(_, let node, let cause):
            log.error("batch given up on \(node): \(cause)", metadata: metadata())
        case .quarantined(let shard, let cause):
            log.error(
                "batch \(shard.batch) by \(shard.method) is given up on every node: it crashed several (\(cause))",
                metadata: metadata())
        case .speculated(let job, let node, let straggler):
            log.notice(
                "batch \(job.shard.batch) by \(job.shard.method) takes long: \(node) computes it too",
                metadata: metadata().merging(["slow": "\(straggler.id.rawValue)"]) { first, _ in first })
        case .draining(let node):
            tally.drain(node)
            log.notice("\(node) gets no more work", metadata: metadata())
        case .drained(let node, let open):
            log.notice(
                "\(node) is drained\(open == 0 ? "" : "; \(open) batches wait for another node in its place")",
                metadata: metadata())
        case .undrained(let node):
            tally.undrain(node)
            log.notice("\(node) gets work again", metadata: metadata())
        case .resultRefused(_, let node, let reason):
            log.warning("a result of \(node) was refused: \(reason)", metadata: metadata())
        }
    }

    /// The class of a node and why it is in it, with a peer's control characters made visible.
    private func classText(of node: NodeID) -> String {
        guard let identity = identities[node] else { return "" }
        return ", class \(identity.numericClass.debugDescription)"
            + (identity.classReason.map { ": \($0.debugDescription)" } ?? "")
    }

    /// How the run ended.
    func ending(_ summary: RunSummary<ShardWork>) -> RunCircumstances.Ending {
        if let interruption { return interruption }
        return summary.ending == .deadline ? .timeLimit(seconds: options.timeout / .seconds(1)) : .finished
    }

    /// The places that stay empty; re-runs are no places.
    func failures(_ summary: RunSummary<ShardWork>) -> [ShardFailure] {
        failures(summary, of: { !$0.work.isRerun })
    }

    /// Answers to the batch of the run alone that nodes which share the others out were asked for last, and failed to give.
    ///
    /// One that left meanwhile owes none: others have taken over its work.
    func failedChecks(_ summary: RunSummary<ShardWork>) -> [ShardFailure] {
        guard plan.sharedReplicas != nil else { return [] }
        return failures(summary, of: { plan.isFresh($0.batch) }) { cause in
            switch cause {
            case .nodeLost, .runEnded, .drained: false
            case .stalled, .expired, .failed, .occupied: true
            }
        }
    }

    private func failures(
        _ summary: RunSummary<ShardWork>, of isConcerned: (RunShard) -> Bool, by counts: (Cause) -> Bool = { _ in true }
    ) -> [ShardFailure] {
        let ended = ending(summary).words
        return summary.missing.filter { isConcerned($0.shard) }.flatMap { missing in
            let causes = missing.causes.prefix(missing.want - missing.have).filter { counts($0.cause) }
            return causes.map { shortfall in
                ShardFailure(
                    node: shortfall.node?.name ?? "", method: missing.shard.method, batch: missing.shard.batch,
                    code: shortfall.cause.code, error: shortfall.cause.reportedCode,
                    message: shortfall.cause == .runEnded ? ended ?? "\(shortfall.cause)" : "\(shortfall.cause)")
            }
        }
    }
}

extension RunMachine.Notice {
    /// The node it is about.
    fileprivate var node: NodeID? {
        switch self {
        case .joined(let node, _, _, _), .returned(let node, _, _, _), .lost(let node, _), .refused(let node, _),
            .granted(_, let node), .revoked(_, let node, _), .givenUp(_, let node, _), .speculated(_, let node, _),
            .draining(let node), .drained(let node, _), .undrained(let node), .resultRefused(_, let node, _):
            node
        case .quarantined: nil
        }
    }

    /// The grant it is about.
    fileprivate var lease: Lease? {
        switch self {
        case .granted(let job, _), .speculated(let job, _, _): job.lease
        case .revoked(let lease, _, _), .givenUp(let lease, _, _), .resultRefused(let lease, _, _): lease
        case .joined, .returned, .lost, .refused, .quarantined, .draining, .drained, .undrained: nil
        }
    }

    /// The shard it names itself.
    fileprivate var shard: ShardID? {
        switch self {
        case .granted(let job, _), .speculated(let job, _, _): job.shard.id
        case .quarantined(let shard, _): shard.id
        default: nil
        }
    }
}

extension Cause {
    /// The code that a worker reported; nil when none did.
    var reportedCode: String? {
        guard case .failed(let failure) = self, !failure.code.isEmpty else { return nil }
        return failure.code
    }

    /// The kind of cause, for programs.
    var code: String {
        switch self {
        case .nodeLost: "node-lost"
        case .stalled: "stalled"
        case .expired: "expired"
        case .failed(let failure): failure.fault == .input ? "bad-input" : "failed"
        case .occupied: "occupied"
        case .runEnded: "run-ended"
        case .drained: "drained"
        }
    }
}
