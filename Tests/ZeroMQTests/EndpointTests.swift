import Testing
import ZeroMQ

@Suite("What an endpoint says of who can reach it")
struct EndpointTests {
    @Test(
        "every account of a machine reaches loopback addresses and names without a file, and no socket file",
        arguments: [
            ("tcp://127.0.0.1:5555", true, nil), ("tcp://localhost:*", true, nil), ("tcp://[::1]:5555", true, nil),
            ("ipc://@name", true, nil), ("ipc:///run/mae/socket", false, "/run/mae/socket"),
            ("ipc://socket", false, "socket"), ("ipc://*", false, nil), ("inproc://name", false, nil),
            // Other machines reach these, so they have keys.
            ("tcp://0.0.0.0:5555", false, nil), ("tcp://example.org:5555", false, nil),
        ])
    func accounts(endpoint: String, isOpen: Bool, file: String?) {
        #expect(Endpoint.isOpenToAccounts(endpoint) == isOpen)
        #expect(Endpoint.socketFile(endpoint) == file)
    }
}
