import Glibc
import ProcessTestSupport
import TestSupport
import Testing

/// A coordinator and workers with keys on machines of their own.
@Suite("Networks that fail", .serialized)
struct NetworkTests {
    private static let batches = 30

    /// A site whose processes are on machines of a network.
    private func site() async throws -> (FaultSite, TestNetwork) {
        let names = [FaultSite.coordinatorName, "a", "b", "c"]
        let network = try await TestNetwork(names)
        let site = try await FaultSite(batchSize: 64)
        for name in names { site.surroundings[name] = .init(command: network.command(on: name)) }
        try await site.useKeys(of: Array(names.dropFirst()))
        site.belongings = [network]
        site.endpoint = "tcp://10.77.0.1:5599"
        return (site, network)
    }

    @Test(
        "a node that is cut off for longer than the silence timeout is lost, comes back, and the run completes",
        .enabled("namespaces need root, iproute2 and /dev/net/tun") { await TestNetwork.isPossible() })
    func partition() async throws {
        let (site, network) = try await site()
        let calm = try await site.calmRun(batches: Self.batches)
        // The third node comes last: the run cannot be over before.
        try await site.begin("partition", batches: Self.batches, nodes: 3)
        try site.startWorker("a")
        try site.startWorker("b")
        try await site.worker("b").process.waitFor("computing batch 3,")
        let complaints = try site.worker("b").complaints
        try network.setConnected("b", false)
        try await site.coordinator.waitFor("b is lost")
        try await eventually("b gives the coordinator up") { try site.worker("b").complaints > complaints }
        try network.setConnected("b", true)
        try await site.waitForReturn(of: "b")
        try await site.finish(with: "c")
        try site.expectWhole(batches: Self.batches, nodes: 3, like: calm)
        try await site.dismiss()
    }

    @Test(
        "with 200 ms delay and 5 % loss nobody is lost and every result arrives",
        .enabled("namespaces need root, iproute2 and /dev/net/tun") { await TestNetwork.isPossible() })
    func badLine() async throws {
        let (site, network) = try await site()
        let calm = try await site.calmRun(batches: Self.batches)
        network.disturb(delay: .milliseconds(200), loss: 0.05)
        try await site.begin("bad-line", batches: Self.batches)
        try site.startWorker("a")
        try site.startWorker("b")
        try await site.finish()
        #expect(try !site.coordinator.errors.contains("is lost"))
        #expect(network.lostPackets > 0)
        try site.expectWhole(batches: Self.batches, like: calm)
        try await site.dismiss()
    }
}
