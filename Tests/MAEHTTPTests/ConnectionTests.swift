import MAEHTTP
import TestSupport
import Testing

@Suite("Connections to a server of pages")
struct ConnectionTests {
    @Test("requests that are sent at once are answered in their order, up to the one that ends the connection")
    func pipelining() async throws {
        let site = try PageSite()
        try await onThread {
            let client = try site.client()
            let requests = (0..<50).map { PageSite.request("/\($0)") }
            let last = PageSite.request("/last", "Connection: keep-alive, Close")
            client.send(requests.joined() + last + PageSite.request("/after"))
            for number in 0..<50 { #expect(client.answer()?.text == "page /\(number)\n") }
            let answer = client.answer()
            #expect(answer?.text == "page /last\n" && answer?.fields["connection"] == "close")
            client.endInput()
            #expect(client.rest().isEmpty)
        }
    }

    @Test("HTTP/1.0 ends the connection after its answer, unless it says otherwise")
    func oldVersion() async throws {
        let site = try PageSite()
        try await onThread {
            let client = try site.client()
            client.send("GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
            #expect(client.answer()?.text == "page /a\n")
            client.send("GET /b HTTP/1.0\r\n\r\n")
            let answer = client.answer()
            #expect(answer?.text == "page /b\n" && answer?.fields["connection"] == "close")
            client.endInput()
            #expect(client.rest().isEmpty)
        }
    }

    @Test("a client that says it sends no more gets its answer")
    func halfClosed() async throws {
        let site = try PageSite()
        try await onThread {
            let client = try site.client()
            client.send(PageSite.request("/big") + PageSite.request("/b") + "GET /c")
            client.endInput()
            #expect(client.answer()?.body.count == PageSite.bigBytes)
            #expect(client.answer()?.text == "page /b\n")
            #expect(client.rest().isEmpty)
        }
    }

    @Test("a client that is slow with its request, or does not begin one, is cut")
    func slowRequest() async throws {
        var limits = PageSite.patient
        limits.requestTime = .milliseconds(50)
        let site = try PageSite(limits)
        try await onThread {
            let silent = try site.client()
            let slow = try site.client()
            slow.send("GET / HTTP/1.1\r\n")
            #expect(silent.rest().isEmpty)
            #expect(slow.rest().isEmpty)
            try blockUntil("another client is served") { site.isServing }
        }
    }

    @Test("a client that does not take its answer is cut, and others are served meanwhile")
    func slowReader() async throws {
        var limits = PageSite.patient
        limits.answerTime = .milliseconds(200)
        let site = try PageSite(limits)
        try await onThread {
            let slow = try site.client()
            slow.send(PageSite.request("/big"))
            try blockUntil("others are served") { site.isServing }
            // It is cut for good once a write fails, whatever is in the buffers between.
            try blockUntil("the connection is cut") { !slow.send(" ") }
            #expect(slow.rest().count < PageSite.bigBytes)
        }
    }

    @Test("beyond the limit a connection waits until another one ends")
    func limit() async throws {
        var limits = PageSite.patient
        limits.connections = 2
        let site = try PageSite(limits)
        try await onThread {
            var first: HTTPClient? = try site.client()
            let second = try site.client()
            for client in [first, second] {
                client?.send(PageSite.request("/here"))
                #expect(client?.answer() != nil)
            }
            let third = try site.client()
            third.send(PageSite.request("/third"))
            second.send(PageSite.request("/second"))
            #expect(second.answer()?.text == "page /second\n")
            first?.endInput()
            first = nil
            #expect(third.answer()?.text == "page /third\n")
            second.send(PageSite.request("/still"))
            #expect(second.answer()?.text == "page /still\n")
        }
    }

    @Test("beyond the limit the connection that has asked for nothing the longest gives way")
    func givingWay() async throws {
        var limits = PageSite.patient
        limits.connections = 3
        limits.patience = .milliseconds(20)
        let site = try PageSite(limits)
        try await onThread {
            let idle = try (0..<3).map { _ in try site.client() }
            for client in idle {
                client.send(PageSite.request("/here"))
                #expect(client.answer() != nil)
            }
            let newest = try site.client()
            newest.send(PageSite.request("/newest"))
            #expect(newest.answer()?.text == "page /newest\n")
            #expect(idle[0].rest().isEmpty)
            // Forty more that ask for nothing keep none out that does.
            let flood = try (0..<40).map { _ in try site.client() }
            #expect(site.isServing)
            withExtendedLifetime(flood) {}
        }
    }

    @Test("a server that stops cuts its clients and gives its port free")
    func stop() async throws {
        let site = try PageSite()
        let address = site.server.address
        try await onThread {
            let idle = try site.client()
            idle.send(PageSite.request("/here"))
            #expect(idle.answer() != nil)
            let error = #expect(throws: HTTPError.self) { try HTTPServer(at: address) { _ in .init(.ok, line: "") } }
            #expect(error?.description.contains("another program listens there") == true)
            site.server.stop()
            #expect(idle.rest().isEmpty)
        }
        #expect(HTTPClient.get("/", port: address.port) == nil)
    }
}
