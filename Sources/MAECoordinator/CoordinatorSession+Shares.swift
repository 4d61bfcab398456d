import Logging
import MAECluster
import MAEDomain
import MAEText
import MAEWire

/// What one peer may take of the coordinator's time, and of its log.
extension CoordinatorSession {
    /// Bytes that the tokens of an image take in the answer to a re-run, at most: 1024 tokens of 1024 numbers.
    private static let bytesPerImage = 4 << 20

    /// Whether a message is one that the run waits for: the end of a job that its sender holds, or a request that is answered by
    /// a chunk which its sender needs.
    func bringsForward(_ envelope: Envelope, from peer: Peer) -> Bool {
        switch envelope.body {
        case .result(let result):
            guard let session = envelope.session, let incarnation = envelope.incarnation else { return false }
            return machine.isAwaited(
                result.lease, in: SessionID(rawValue: session), Incarnation(rawValue: incarnation), from: peer)
        case .chunkRequest(let request): return content.isNeeded(request, by: peer)
        case .hello, .welcome, .job, .heartbeat, .accepted, .cancel, .manifestRequest, .manifest, .chunk, .reject,
            .goodbye:
            return false
        }
    }

    /// Whether a peer is not to be heard, over whichever of its connections: that one is cut then.
    ///
    /// It was over its share a short while ago, or its key was revoked while the message was on its way.
    mutating func isKeptOut(_ peer: Peer) -> Bool {
        if let authorizer, authorizer.node(peer.identity) == nil {
            transport.disconnect(route: peer.route)
            return true
        }
        guard exclusions.contains(peer, now: now) else { return false }
        if exclusions.takesCut(peer) { transport.disconnect(route: peer.route) }
        return true
    }

    /// Takes from a peer's credit; one that has none left is cut off, and kept out for a while.
    mutating func charge(_ cost: Int, to peer: Peer) {
        if !shares.charge(cost, to: peer, now: now) {
            keepOut(peer, "it sent more than its share of messages that nothing waits for")
        }
    }

    /// Cuts a peer off and keeps it out for a while.
    mutating func keepOut(_ peer: Peer, _ reason: String) {
        let duration = exclusions.add(peer, now: now)
        if peer.identity.isEmpty {
            transport.disconnect(route: peer.route)
        } else {
            authorizer?.keepOut(peer.identity, for: duration)
            transport.disconnect(peer.identity)
        }
        let node = authorizer?.node(peer.identity)
        refusals.add(peer: node?.name ?? "", reason)
        writeLine(.warning, "share", of: node) {
            "\(node.map { "\($0)" } ?? "a peer") was cut off for \(duration / .seconds(1)) s: \(reason)"
        }
    }

    /// Bytes that the re-runs which a node may hold at once can take in its answers, the tokens being the largest part.
    func expectedBytes(of job: RunJob) -> Int {
        let tokens = min(factory.batch(of: job.shard).size * Self.bytesPerImage, WireLimits.payloadBytes)
        // The node may hold one other answer of its own size before this one.
        let values = job.shard.work.examination == nil ? 0 : Examination.valueBytes + Examination.stateBytes
        return (tokens + values) * options.policy.leasesPerNode
    }

    /// Writes a line that a peer may cause, unless there were many of its kind about the same node.
    mutating func writeLine(
        _ level: Logger.Level, _ kind: String, of node: NodeID?, shard: ShardID? = nil, lease: Lease? = nil,
        _ more: Logger.Metadata = [:], _ text: () -> String
    ) {
        guard level >= log.logLevel, let count = lines.next(kind, about: node?.name ?? "") else { return }
        let shard = shard ?? lease.flatMap { machine.shard(of: $0.id)?.id }
        let metadata = Logger.Metadata.about(node, shard: shard, lease: lease).merging(more) { first, _ in first }
        log.log(level: level, "\(text())\(LineLimiter.suffix(count))", metadata: metadata)
    }
}
