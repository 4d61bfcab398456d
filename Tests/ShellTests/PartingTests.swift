import Foundation
import MAECluster
import MAEWire
import TestSupport
import Testing
import ZeroMQ

@Suite("The end of a run")
struct PartingTests {
    @Test("a worker that reads late still reads that its job is cancelled and that the run is over")
    func lateReader() async throws {
        let site = try Site()
        var options = site.options
        options.goodbyeLimit = .patience
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), try site.store(), options)
        async let outcome = onThread { try coordinator.run() }
        let bodies = try await onThread {
            let peer = try RawPeer(connectingTo: site.endpoint, site.context, immediate: true)
            try peer.join("late")
            try peer.awaitJob()
            let prompt = try RawPeer(connectingTo: site.endpoint, site.context)
            prompt.incarnation = 2
            try prompt.join("prompt")
            coordinator.stop()
            // What the coordinator has to say is said to both at a time.
            try prompt.await { $0.body.isGoodbye ? true : nil }
            try prompt.send(.goodbye(Goodbye(reason: "read")))
            // Long enough for a coordinator that does not wait to close the connection.
            Thread.sleep(forTimeInterval: 0.1)
            var bodies: [Envelope.Body] = []
            while bodies.last?.isGoodbye != true { bodies.append(try peer.receive().body) }
            try peer.sendIfPossible(.goodbye(Goodbye(reason: "read")))
            return bodies
        }
        #expect(bodies.contains { if case .cancel = $0 { true } else { false } })
        #expect(bodies.last?.isGoodbye == true)
        #expect(try await outcome.isInterrupted)
    }

    @Test("who answers no Goodbye is not waited for")
    func silentPeer() async throws {
        let site = try Site()
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), try site.store())
        async let outcome = onThread { try coordinator.run() }
        try await onThread {
            let peer = try RawPeer(connectingTo: site.endpoint, site.context)
            try peer.join("silent")
            coordinator.stop()
            // The socket stays open until the coordinator has closed its own.
            try peer.await { $0.body.isGoodbye ? true : nil }
        }
        #expect(try await outcome.isInterrupted)
    }
}

extension Envelope.Body {
    fileprivate var isGoodbye: Bool { if case .goodbye = self { true } else { false } }
}
