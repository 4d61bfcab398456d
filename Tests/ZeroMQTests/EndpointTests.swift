import Testing
import ZeroMQ

@Suite("Endpoints as people write them")
struct EndpointTests {
    @Test(
        "every account of a machine reaches loopback addresses and names without a file, and no socket file",
        arguments: [
            ("tcp://127.0.0.1:5555", true, nil), ("tcp://localhost:*", true, nil), ("tcp://[::1]:5555", true, nil),
            ("ipc://@name", true, nil), ("ipc:///run/mae/socket", false, "/run/mae/socket"),
            ("ipc://socket", false, "socket"), ("ipc://*", false, nil), ("inproc://name", false, nil),
            // Other machines reach these, so they have keys.
            ("tcp://0.0.0.0:5555", false, nil), ("tcp://*:5555", false, nil), ("tcp://example.org:5555", false, nil),
            ("tcp://127.example.org:5555", false, nil),
        ])
    func accounts(endpoint: String, isOpen: Bool, file: String?) {
        #expect(Endpoint.isOpenToAccounts(endpoint) == isOpen)
        #expect(Endpoint.socketFile(endpoint) == file)
    }

    @Test(
        "what is right is read whole, and comes back as it was",
        arguments: [
            "tcp://127.0.0.1:5555", "tcp://localhost:1", "tcp://node-2.example.org:65535", "tcp://my_host:80",
            "tcp://[::1]:5555", "tcp://[fe80::1%eth0]:5555", "ipc:///run/mae/socket", "ipc://socket", "ipc://@name",
        ])
    func right(text: String) throws {
        for use in [Endpoint.Use.listening, .connecting] {
            #expect(try Endpoint(betweenProcesses: text, for: use).description == text)
        }
    }

    @Test(
        "only an endpoint to listen at leaves something to the system",
        arguments: ["tcp://*:5555", "tcp://127.0.0.1:*", "tcp://*:*", "tcp://[::]:*", "ipc://*"])
    func open(text: String) throws {
        #expect(try Endpoint(text, for: .listening).description == text)
        #expect(throws: EndpointFault.self) { try Endpoint(text, for: .connecting) }
    }

    @Test(
        "what is wrong is named with the right form",
        arguments: [
            ("", "is no endpoint"), ("nonsense", "is no endpoint"), (":5555", "is no endpoint"),
            ("127.0.0.1:5555", "write tcp://127.0.0.1:5555"), ("[::1]:5555", "write tcp://[::1]:5555"),
            ("TCP://127.0.0.1:5555", "this transport is not used here"),
            ("udp://h:1", "this transport is not used here"),
            ("inproc://name", "this transport is not used here"), ("inproc://", "this transport is not used here"),
            ("tcp://", "names no port"), ("tcp://127.0.0.1", "names no port"), ("tcp://127.0.0.1:", "names no port"),
            ("tcp://[::1]", "names no port"), ("tcp://[::1]:", "names no port"), ("tcp://:5555", "names no host"),
            ("tcp://127.0.0.1:0", "port 0: from 1 to 65535"), ("tcp://127.0.0.1:65536", "port 65536: from 1 to 65535"),
            ("tcp://127.0.0.1:99999", "port 99999: from 1 to 65535"),
            ("tcp://127.0.0.1:+5", "\"+5\" is no port: from 1 to 65535"),
            ("tcp://127.0.0.1:-5", "\"-5\" is no port: from 1 to 65535"),
            ("tcp://127.0.0.1:5555x", "\"5555x\" is no port: from 1 to 65535"),
            ("tcp://127.0.0.1:5555/path", "\"5555/path\" is no port: from"),
            ("tcp://127.0.0.1:5555 ", "\"5555 \" is no port: from"),
            ("tcp://127.0.0.1:٥", "\"٥\" is no port: from"), ("tcp://127.0.0.1:5555\n", "holds a control character"),
            ("tcp://[::1:5555", "lacks the ] of an IPv6 address"), ("tcp://[::1]x:5555", "has `x:5555` after the ]"),
            ("tcp://[::1]5555", "has `5555` after the ]"), ("tcp://[]:5555", "[] is no IPv6 address"),
            ("tcp://[::g]:5555", "[::g] is no IPv6 address"), ("tcp://[fe80::1%]:5555", "is no IPv6 address"),
            ("tcp://[127.0.0.1]:5555", "is no IPv6 address"), ("tcp://::1:5555", "an IPv6 address stands in brackets"),
            ("tcp://127.0.0.256:5555", "127.0.0.256 is no IPv4 address"), ("tcp://1.2.3:5555", "is no IPv4 address"),
            ("tcp://a b:5555", "`a b` is no name of a host"), ("tcp://a/b:5555", "`a/b` is no name of a host"),
            ("tcp://a;127.0.0.1:5555", "is no name of a host"), ("tcp:///run/x:5555", "is no name of a host"),
            ("ipc://", "names no file"), ("ipc://@", "names no file"), ("ipc:///tmp/", "names a folder"),
            ("ipc:///" + String(repeating: "x", count: 107), "the path has 108 bytes"),
            ("ipc:///" + String(repeating: "ö", count: 60), "the path has 121 bytes"),
        ])
    func wrong(text: String, what: String) throws {
        for use in [Endpoint.Use.listening, .connecting] {
            let fault = #expect(throws: EndpointFault.self) { try Endpoint(betweenProcesses: text, for: use) }
            #expect(fault?.description.contains(what) == true, "\(String(describing: fault))")
        }
    }

    @Test("a path of 107 bytes is one, and a relative one is taken from a folder where it still fits")
    func paths() throws {
        let longest = "ipc:///" + String(repeating: "x", count: 106)
        #expect(try Endpoint(longest, for: .listening).description == longest)
        let relative = try Endpoint("ipc://./socket", for: .listening)
        #expect(relative.absolute(in: "/run/mae").description == "ipc:///run/mae/socket")
        #expect(relative.absolute(in: "/").description == "ipc:///socket")
        #expect(relative.absolute(in: "/" + String(repeating: "x", count: 100)) == relative)
        #expect(
            try Endpoint("tcp://localhost:1", for: .listening).absolute(in: "/run").description == "tcp://localhost:1")
    }

    @Test("to listen at the name of the loopback interface is to listen at its address")
    func localhost() throws {
        #expect(try Endpoint("tcp://localhost:*", for: .listening).text(for: .listening) == "tcp://127.0.0.1:*")
        let socket = try Socket(.router, in: Context())
        let endpoint = try socket.bind("tcp://localhost:*")
        #expect(endpoint.hasPrefix("tcp://127.0.0.1:"))
    }

    @Test(
        "a socket at all addresses is reached at one",
        arguments: [
            ("tcp://0.0.0.0:5555", "tcp://127.0.0.1:5555", "tcp://here:5555"),
            ("tcp://[::]:5555", "tcp://[::1]:5555", "tcp://here:5555"),
            ("tcp://10.0.0.1:5555", "tcp://10.0.0.1:5555", "tcp://10.0.0.1:5555"),
            ("ipc:///run/socket", "ipc:///run/socket", "ipc:///run/socket"),
        ])
    func reachable(listening: String, here: String, elsewhere: String) {
        #expect(Endpoint.reachable(listening) == here)
        #expect(Endpoint.reachable(listening, host: "here") == elsewhere)
    }

    @Test(
        "another host is named in place of the one listened at",
        arguments: [
            ("tcp://0.0.0.0:5555", "node7", "tcp://node7:5555"),
            ("tcp://127.0.0.1:80", "10.0.0.7", "tcp://10.0.0.7:80"),
            ("tcp://[::]:5555", "fd00::7", "tcp://[fd00::7]:5555"),
            ("tcp://[::]:5555", "[fd00::7]", "tcp://[fd00::7]:5555"),
            ("ipc:///run/mae/socket", "node7", "ipc:///run/mae/socket"),
        ])
    func advertised(text: String, host: String, told: String) throws {
        #expect(try Endpoint.advertised(text, as: host) == told)
    }

    @Test("what is no host is not named", arguments: ["", "*", "node7:5555", "a b", "node7/x", "1.2.3"])
    func notAdvertised(host: String) {
        #expect(throws: EndpointFault.self) { try Endpoint.advertised("tcp://0.0.0.0:5555", as: host) }
    }
}
