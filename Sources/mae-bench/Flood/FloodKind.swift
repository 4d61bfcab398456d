import MAEDomain
import MAEWire

/// What a node floods a coordinator with.
enum FloodKind: String, CaseIterable, Encodable, Sendable {
    /// What is no message.
    case unreadable
    /// Greetings under a name that its key was not added under: under its own it would be one of the nodes that are waited for.
    case hellos
    /// Signs of life, of no session.
    case heartbeats
    /// Whole results of jobs that it was never given.
    case results
    /// Questions for a list of files that is not offered.
    case manifests
    /// Messages of more frames than any has.
    case frames
    /// Nothing: it computes for itself, as much as it is given, and shows what sharing the processors with a flood costs alone.
    case processor

    /// The frames of one such message of the node; none where nothing is sent.
    func frames(of node: String) throws -> [[UInt8]] {
        switch self {
        case .processor: return []
        case .unreadable: return [[UInt8](repeating: 0xFF, count: 1024)]
        case .frames: return [[UInt8]](repeating: [], count: 1000)
        case .hellos: return try frames(.hello(Hello(node: LightResult.node(named: "not-\(node)"), maximumJobs: 16)))
        case .heartbeats: return try frames(.heartbeat(Heartbeat()))
        case .results:
            let lease = Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: 1))
            return try frames(.result(ShardResult(lease: lease, outcome: .completed(LightResult.completed))))
        case .manifests:
            return try frames(.manifestRequest(ManifestRequest(digest: LightResult.completed.digests.input)))
        }
    }

    private func frames(_ body: Envelope.Body) throws -> [[UInt8]] {
        try Envelope(session: 1, incarnation: 1, body).frames()
    }
}
