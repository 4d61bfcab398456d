import Glibc
import Testing

@Suite("mae-worker")
struct WorkerTests {
    @Test("an endpoint that is none is refused by name", arguments: ["nonsense", "tcp://", "tcp://host:port"])
    func refusesEndpoint(endpoint: String) async throws {
        let result = try await Program.worker.run("--connect", endpoint, "--threads", "1")
        #expect([64, 69].contains(result.exitCode), "\(result.errors)")
        #expect(result.errors.contains(endpoint), "\(result.errors)")
    }

    @Test("a value that cannot be is a usage error")
    func refusesArguments() async throws {
        let endpoint = ["--connect", "ipc:///tmp/nobody"]
        for arguments in [
            endpoint + ["--threads", "0"], endpoint + ["--isa", "mmx"],
            endpoint + ["--backend", "vulkan:0", "--isa", "avx2"], endpoint + ["--name", ""],
        ] {
            let result = try await Program.worker.run(arguments)
            #expect(result.exitCode == 64, "\(arguments)")
        }
    }

    @Test("a worker that waits for its coordinator ends when told to", arguments: [SIGTERM, SIGINT])
    func endsOnSignal(signal: Int32) async throws {
        // Nothing listens on this port of the machine itself.
        let worker = try Program.worker.start(["--connect", "tcp://127.0.0.1:9", "--threads", "1"])
        try await worker.waitFor("class")
        #expect(worker.isRunning)
        worker.send(signal: signal)
        #expect(try await worker.result().exitCode == 0)
    }
}
