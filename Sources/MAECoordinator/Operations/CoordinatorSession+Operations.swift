import MAECluster
import MAEDomain
import MAEStore

extension CoordinatorSession {
    /// Takes in which nodes are to be drained: those named, and no others.
    mutating func take(drains names: Set<String>) {
        for node in names.subtracting(drains).compactMap(NodeID.init).sorted() { handle(.drainNode(node)) }
        for node in drains.subtracting(names).compactMap(NodeID.init).sorted() { handle(.undrainNode(node)) }
        drains = names
    }

    /// Puts how nodes are doing among what is to be recorded.
    mutating func noteStatuses() { statuses.note(machine.overview, now: now, in: &changes) }

    /// The figures of the run.
    var metrics: RunMetrics {
        let overview = machine.overview
        let progress = self.progress
        var states: [NodeStatus.State: Int] = [:]
        for node in overview.nodes { states[NodeStatus.state(of: node).0, default: 0] += 1 }
        return RunMetrics(
            run: plan.run, isActive: outcome == nil, age: now.sinceOrigin / .seconds(1), nodes: states,
            nodeResults: Dictionary(progress.nodes.map { ($0.name, $0.results) }) { first, _ in first },
            shards: overview.shards, shardsDone: overview.shardsDone, shardsSetAside: counters.givenUp.count,
            results: progress.done, resultsWanted: progress.total, resultsStored: counters.stored,
            resultsRefused: counters.refusedResults, hellosRefused: counters.refusedHellos,
            messagesUnreadable: counters.unreadable, grants: counters.grants,
            repeatedGrants: counters.repeatedGrants, spares: counters.speculative, failedGrants: counters.failedGrants,
            nodesLost: counters.lostNodes, checkpointBytesSent: content.sentBytes, commits: journal.commits,
            queues: [
                .resultsToStore: journal.unwritten, .chunkRequests: content.waiting, .chunksInFlight: content.inFlight,
                .messagesHeldUp: outbox.heldUpCount, .jobsOut: overview.leased,
            ])
    }
}
