import Glibc
import ProcessTestSupport
import TestSupport
import Testing

/// Workers that know their coordinator by a name, and name servers that do not answer.
@Suite("Name servers that do not answer", .serialized)
struct NameServerTests {
    private static let host = "coordinator.test"

    @Test(
        "a worker that waits for an address to fetch files from goes on sending heartbeats",
        .enabled("only root may be a name server, and give a program files of its own") {
            await NameServer.isPossible()
        })
    func fetching() async throws {
        let (site, server) = (try await FaultSite(batchSize: 8), try NameServer())
        site.surroundings["a"] = .init(command: try server.command(), hasFiles: false)
        try await site.useKeys(of: ["a", "b"])
        // Drained before it comes, it gets no job until the server is silent.
        try await site.begin("slow-names", batches: 2)
        try await order("drain", "a", site)
        let endpoint = site.endpoint
        site.endpoint = "tcp://\(Self.host):\(try #require(endpoint.split(separator: ":").last))"
        try site.startWorker("a")
        try await site.coordinator.waitFor("a is in the cluster")
        server.setSilent(true)
        try await order("undrain", "a", site)
        try await eventually("the worker asks for the address to fetch from") { server.unanswered > 0 }
        // Longer than the silence after which a node is lost.
        try await Task.sleep(for: .seconds(13))
        server.setSilent(false)
        site.endpoint = endpoint
        try await site.finish(with: "b")
        let errors = try site.coordinator.errors
        #expect(!errors.contains("is lost"), "\(errors)")
        #expect(try site.worker("a").process.errors.contains("fetching model.safetensors"))
        #expect(try site.results().count == 4)
        try await site.dismiss()
    }

    @Test(
        "a worker ends when it is told to while it waits for the coordinator's address",
        .enabled("only root may be a name server, and give a program files of its own") {
            await NameServer.isPossible()
        })
    func ending() async throws {
        let (site, server) = (try await FaultSite(batchSize: 8), try NameServer())
        server.setSilent(true)
        site.surroundings["a"] = .init(command: try server.command())
        try await site.useKeys(of: ["a"])
        site.endpoint = "tcp://\(Self.host):5555"
        try site.startWorker("a")
        let worker = try site.worker("a").process
        // Both libzmq and the thread that tells of names that lead nowhere.
        try await eventually("the worker asks for the coordinator's address") { server.unanswered >= 2 }
        worker.send(signal: SIGTERM)
        #expect(try await worker.result().exitCode == 0)
        #expect(!server.wasAskedAgain, "it ended while the system still waited for its first answer, for 30 s")
    }

    private func order(_ command: String, _ node: String, _ site: FaultSite) async throws {
        let result = try await Program.coordinator.run(command, node, "--store", site.store)
        try #require(result.exitCode == 0, "\(result.errors)")
    }
}
