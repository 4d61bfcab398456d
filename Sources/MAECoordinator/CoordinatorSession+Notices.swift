import Foundation
import Logging
import MAECluster
import MAEDomain
import MAEStore
import MAEVerify

extension CoordinatorSession {
    /// Records and logs what the state machine noticed, before the action `next`.
    mutating func note(_ notice: RunMachine.Notice, before next: RunMachine.Action?) {
        let shard = notice.shard ?? notice.lease.flatMap { machine.shard(of: $0.id)?.id }
        counters.count(notice, of: shard)
        switch notice {
        case .joined(let node, let identity, _, let former), .returned(let node, let identity, _, let former):
            if let greeting { refusals.admit(greeting) }
            identities[node] = identity
            changes.nodes.append(identity)
            tally.join(node, takingOver: former, elapsed: now.sinceOrigin)
            let classText = classText(of: node)
            writeLine(.info, "joined", of: node) {
                "\(node) is in the cluster\(former.map { ", in place of \($0)" } ?? "")\(classText)"
            }
        case .lost(let node, let loss):
            tally.lose(node, elapsed: now.sinceOrigin)
            writeLine(.warning, "lost", of: node) { "\(node) is lost: \(loss)" }
        case .refused(let node, let rejection):
            refusals.add(peer: node.name, process: greeting, "\(rejection)")
            writeLine(.warning, "refused", of: node) { "\(node) was refused: \(rejection)" }
        case .granted(let job, let node): tally.grant(job, to: node, elapsed: now.sinceOrigin)
        case .revoked(let lease, let node, let cause):
            tally.revoke(lease, of: node)
            if case .note(.givenUp(let other, _, _))? = next, other == lease { return }
            // A run that ends and an order to drain take everything back: that is no fault of any node.
            let level = cause == .runEnded || cause == .drained ? Logger.Level.debug : .warning
            writeLine(level, "revoked", of: node, shard: shard, lease: lease) {
                "batch given back by \(node): \(cause)"
            }
        case .givenUp(let lease, let node, let cause):
            writeLine(.error, "given up", of: node, shard: shard, lease: lease) {
                "batch given up on \(node): \(cause)"
            }
        case .quarantined(let quarantined, let cause):
            writeLine(.error, "quarantined", of: nil, shard: shard) {
                "batch \(quarantined.batch) by \(quarantined.method) is given up on every node: it crashed several (\(cause))"
            }
        case .speculated(let job, let node, let straggler):
            let slow: Logger.Metadata = ["slow": "\(straggler.id.rawValue)"]
            writeLine(.notice, "speculated", of: node, shard: shard, lease: job.lease, slow) {
                "batch \(job.shard.batch) by \(job.shard.method) takes long: \(node) computes it too"
            }
        case .draining(let node):
            tally.drain(node)
            writeLine(.notice, "draining", of: node) { "\(node) gets no more work" }
        case .drained(let node, let open):
            // It is noticed with each result that is on the disk.
            guard drainedNodes.updateValue(open, forKey: node) != open else { break }
            writeLine(.notice, "drained", of: node) {
                "\(node) is drained\(open == 0 ? "" : "; \(open) batches wait for another node in its place")"
            }
        case .undrained(let node):
            drainedNodes[node] = nil
            tally.undrain(node)
            writeLine(.notice, "undrained", of: node) { "\(node) gets work again" }
        case .resultRefused(let lease, let node, let reason):
            writeLine(.warning, "result refused", of: node, shard: shard, lease: lease) {
                "a result of \(node) was refused: \(reason)"
            }
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

    /// The nodes that were gone before their share was done; one that left after its last result took nothing away.
    func lostNodes(_ summary: RunSummary<ShardWork>) -> [LostNode] {
        summary.nodes.compactMap { node in
            guard let loss = node.loss else { return nil }
            let lost = tally.loss(of: node.node, loss, results: node.results)
            return lost.share.map { node.results < $0 } ?? (loss != .left || lost.job != nil) ? lost : nil
        }
    }

    /// The places that stay empty; re-runs are no places.
    func failures(_ summary: RunSummary<ShardWork>) -> [ShardFailure] {
        failures(summary, of: { !$0.work.isRerun })
    }

    /// Answers to the batch of the run alone that nodes which share the others out were asked for last, and failed to give.
    ///
    /// One that was lost meanwhile owes none: others have taken over its work. One that says Goodbye when it is asked owes an answer.
    func failedChecks(_ summary: RunSummary<ShardWork>) -> [ShardFailure] {
        guard plan.sharedReplicas != nil else { return [] }
        return failures(summary, of: { plan.isFresh($0.batch) }) { cause in
            switch cause {
            case .nodeLost(.silent), .nodeLost(.superseded), .runEnded, .drained: false
            case .nodeLost(.left), .nodeLost(.expelled), .stalled, .expired, .failed, .occupied: true
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
        case .failed(let failure) where failure.code == JobFailure.filesRefused: "files-refused"
        case .failed(let failure): failure.fault == .input ? "bad-input" : "failed"
        case .occupied: "occupied"
        case .runEnded: "run-ended"
        case .drained: "drained"
        }
    }
}
