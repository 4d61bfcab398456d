import Foundation
import MAECluster
import MAEWire
import Testing
import ZeroMQ

@Suite("The end of a run")
struct PartingTests {
    @Test("a worker that reads late still reads that its job is cancelled and that the run is over")
    func lateReader() async throws {
        let site = try Site()
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), try site.store())
        async let outcome = onThread { try coordinator.run() }
        let bodies = try await onThread {
            let peer = try RawPeer(connectingTo: site.endpoint, site.context, immediate: true)
            try peer.join("late")
            _ = try #require(try peer.awaitJob())
            coordinator.stop()
            // A machine under load: the words and the end of the connection are both there when it looks.
            Thread.sleep(forTimeInterval: 0.4)
            var bodies: [Envelope.Body] = []
            while !bodies.contains(where: \.isGoodbye), let next = try peer.receive() { bodies.append(next.body) }
            try peer.send(.goodbye(Goodbye(reason: "read")))
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
            while try peer.receive()?.body.isGoodbye == false {}
        }
        #expect(try await outcome.isInterrupted)
    }
}

extension Envelope.Body {
    fileprivate var isGoodbye: Bool { if case .goodbye = self { true } else { false } }
}
