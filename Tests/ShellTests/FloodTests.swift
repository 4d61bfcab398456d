import MAECluster
import MAECoordinator
import MAEDomain
import MAEKeys
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
        arguments: ["unreadable", "results", "manifests", "frames"])
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
                case "frames": [[UInt8]](repeating: [], count: 100)
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

    /// A connection over which nothing is said by itself.
    private struct Connection {
        let socket: Socket
        private let monitor: SocketMonitor
        private let poller: Poller

        init(_ keys: NodeKeys, _ site: KeySite) throws {
            var options = SocketOptions()
            options.security = .client(keys.pair, serverKey: keys.coordinatorKey)
            options.linger = .zero
            socket = try Socket(.dealer, in: site.site.context, options: options)
            monitor = try SocketMonitor(of: socket)
            poller = Poller(sockets: [monitor.socket], in: site.site.context)
            try socket.connect(site.site.endpoint)
        }

        /// Waits for an event.
        func await(_ isWanted: (ConnectionEvent) -> Bool) throws {
            try blockUntil("the event of a connection", every: .zero) {
                while let event = try monitor.next() { if isWanted(event) { return true } }
                try poller.wait(atMost: .milliseconds(100))
                return false
            }
        }
    }

    @Test("all connections of a key are cut with it, those too over which it had said nothing yet")
    func allConnections() async throws {
        let keys = try site.add("left")
        let coordinator = try site.site.coordinator(Site.plan(batches: 1, workers: 1), site.store, site.options)
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            let silent = try Connection(keys, site)
            try silent.await { $0.isHandshakeSucceeded }
            let loud = try site.peer(keys)
            try flood(loud) { [[UInt8]](repeating: [], count: 100) }
            // The key is kept out, and says something over its other connection now.
            #expect(try silent.socket.send(Message([[1]])) == .sent)
            try silent.await { if case .disconnected = $0 { true } else { false } }
        }
        coordinator.stop()
        _ = try await outcome
    }

    @Test("a key that connects over and over is kept out, and another node joins")
    func handshakes() async throws {
        let keys = try site.add("left")
        try site.add("right")
        let coordinator = try site.site.coordinator(Site.plan(batches: 1, workers: 1), site.store, site.options)
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            try blockUntil("the key is kept out", every: .zero) {
                try Connection(keys, site).await {
                    if case .refused = $0 { true } else { $0.isHandshakeSucceeded }
                }
                return site.site.lines.contain("it connects over and over")
            }
        }
        try site.startWorker("right")
        #expect(try await outcome.summary.isComplete)
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
