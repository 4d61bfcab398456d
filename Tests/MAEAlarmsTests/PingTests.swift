import TestSupport
import Testing

@testable import MAEAlarms

@Suite("Pings")
struct PingTests {
    private static var limits: Ping.Limits {
        var limits = Ping.Limits()
        limits.pause = .milliseconds(1)
        // Far longer than any answer takes.
        limits.time = .seconds(120)
        return limits
    }

    @Test("an address of another protocol, without a host or with what no address has is none")
    func addresses() {
        for text in [
            "", "ftp://a/b", "file:///etc/passwd", "https://", "https:///x", "http://:80/", "https://a/b c",
            "https://a/#b",
        ] {
            #expect(PingAddress(text) == nil, "\(text)")
        }
        #expect(PingAddress("https://" + String(repeating: "a", count: 2048)) == nil)
    }

    @Test("what is told stands behind the path and before the query; only the host is shown, no credentials")
    func parts() throws {
        for (text, start, shown) in [
            ("https://hc-ping.com/abc", "https://hc-ping.com/abc/start", "https://hc-ping.com/…"),
            ("http://h:8000/ping/k/night/?create=1", "http://h:8000/ping/k/night/start?create=1", "http://h:8000/…"),
            ("https://me:secret@h/x", "https://me:secret@h/x/start", "https://h/…"),
        ] {
            let address = try #require(PingAddress(text))
            #expect(address.address("start") == start)
            #expect("\(address)" == shown)
        }
    }

    @Test("start and exit code are posted with their text")
    func sent() throws {
        let server = try #require(HTTPReceiver())
        let ping = try Ping(try #require(PingAddress(server.address + "/abc")), limits: Self.limits)
        #expect(ping.send(.start) == nil)
        #expect(ping.send(.end(exitCode: 69), "FAILED größer\n") == nil)
        #expect(server.requests.map(\.target) == ["/abc/start", "/abc/69"])
        #expect(server.requests.map(\.body) == ["", "FAILED größer\n"])
        #expect(
            server.requests.allSatisfy {
                $0.method == "POST" && $0.headers["content-type"] == "text/plain; charset=utf-8"
            })
        #expect(server.requests.allSatisfy { $0.headers["expect"] == nil })
    }

    @Test("a ping that is not taken is sent three times, and then said to have failed without its address")
    func tries() throws {
        let server = try #require(HTTPReceiver(answers: [500, 200]))
        let ping = try Ping(try #require(PingAddress(server.address + "/abc")), limits: Self.limits)
        #expect(ping.send(.end(exitCode: 0), "x") == nil)
        #expect(server.requests.count == 2)

        for (status, words) in [
            (404, "it knows no such check"), (302, "redirections are not followed"), (503, "answers 503"),
        ] {
            let server = try #require(HTTPReceiver(answers: [status]))
            let ping = try Ping(try #require(PingAddress(server.address + "/abc")), limits: Self.limits)
            let failure = try #require(ping.send(.start))
            #expect(failure.contains(words) && failure.contains("in 3 tries"), "\(failure)")
            #expect(!failure.contains("abc"))
            #expect(server.requests.map(\.target) == ["/abc/start", "/abc/start", "/abc/start"])
        }
    }

    @Test("in haste a ping is sent once, and the pause before another try is cut short")
    func haste() throws {
        let server = try #require(HTTPReceiver(answers: [500]))
        var limits = Self.limits
        limits.pause = .seconds(100_000)
        let ping = try Ping(try #require(PingAddress(server.address + "/abc")), limits: limits)
        var asked = 0
        let failure = ping.send(.start) {
            asked += 1
            return asked > 3
        }
        #expect(failure?.contains("in 1 try") == true && server.requests.count == 1, "\(failure ?? "")")
    }

    @Test("a server that is not there is said to be that")
    func unreachable() throws {
        let ping = try Ping(try #require(PingAddress("http://127.0.0.1:1/abc")), limits: Self.limits)
        let failure = try #require(ping.send(.start))
        #expect(failure.contains("http://127.0.0.1:1/… was not taken") && failure.contains("connect"), "\(failure)")
    }

    @Test("without libcurl it is said what to install")
    func noLibrary() {
        let error = #expect(throws: AlarmError.self) { _ = try Curl(["libcurl-that-is-not-there.so.4"]) }
        #expect(error?.description.contains("apt-get install libcurl4") == true)
    }
}
