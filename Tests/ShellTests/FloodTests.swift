import MAECluster
import MAECoordinator
import MAEDomain
import MAEStore
import MAEWire
import TestSupport
import Testing
import ZeroMQ

@Suite("Peers that send more than their share")
struct FloodTests {
    let site: KeySite

    init() throws { site = try KeySite() }

    /// Sends what `message` makes until the peer is cut off for it.
    private func flood(_ peer: RawPeer, _ message: () throws -> [[UInt8]]) throws {
        try blockUntil("the flood is cut off", every: .zero) {
            for _ in 0..<100 { try peer.sendIfPossible(raw: message()) }
            return site.site.lines.contain("was cut off for")
        }
    }

    @Test(
        "a key that floods is cut off and told of once, and another node's run goes on",
        arguments: ["unreadable", "results", "manifests"])
    func cutOff(_ kind: String) async throws {
        let keys = try site.add("left")
        try site.add("right")
        let coordinator = try site.site.coordinator(Site.plan(batches: 1, workers: 1), site.store, site.options)
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            let peer = try site.peer(keys)
            try peer.join("left")
            let job = try peer.awaitJob()
            var other = job
            other.lease = Lease(id: LeaseID(rawValue: 999), epoch: job.lease.epoch)
            let result = ShardResult(lease: other.lease, outcome: .completed(LightRunner.output(of: job)))
            let frames =
                switch kind {
                case "unreadable": [[UInt8](repeating: 0xFF, count: 100)]
                case "results": try peer.frames(of: .result(result))
                default:
                    try peer.frames(
                        of: .manifestRequest(ManifestRequest(digest: LightRunner.output(of: job).digests.input)))
                }
            try flood(peer) { frames }
            #expect(site.site.lines.count("left was cut off for 5.0 s") == 1)
            #expect(site.site.lines.count("a result of left was refused") <= 64)
        }
        try site.startWorker("right")
        // The node that floods holds a job until it is found silent, or comes back when it is let in again.
        try await onThread { [site] in
            try blockUntil("the other node has joined") { site.site.lines.contain("right is in the cluster") }
        }
        coordinator.stop()
        _ = try await outcome
    }

    @Test("a node that hands in what it was asked for is never over its share, however fast it is")
    func fast() async throws {
        let keys = try site.add("left")
        let coordinator = try site.site.coordinator(Site.plan(batches: 2000, workers: 1), site.store, site.options)
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            let peer = try site.peer(keys)
            try peer.join("left")
            for _ in 0..<4000 {
                let job = try peer.awaitJob()
                try peer.send(.result(ShardResult(lease: job.lease, outcome: .completed(LightRunner.output(of: job)))))
            }
        }
        #expect(try await outcome.summary.isComplete)
        #expect(!site.site.lines.contain("was cut off"))
    }
}
