import Foundation
@testable import MAEHTTP
import TestSupport
import Testing

@Suite("Requests to a server of pages")
struct RequestTests {
    @Test("a page is answered whole, and its head alone to HEAD")
    func pages() async throws {
        let site = try PageSite()
        try await onThread {
            let client = try site.client()
            client.send(PageSite.request("/a?b=c"))
            let page = try #require(client.answer())
            #expect(page.status == 200 && page.text == "page /a\n")
            #expect(page.fields["content-type"] == "text/plain; charset=utf-8")
            #expect(page.fields["connection"] == "keep-alive" && page.fields["cache-control"] == "no-store")
            let date = try #require(page.fields["date"])
            let format = Date.VerbatimFormatStyle(
                format: "\(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \(year: .defaultDigits)",
                locale: Locale(identifier: "en_US_POSIX"), timeZone: .gmt, calendar: Calendar(identifier: .gregorian))
            #expect(
                [0.0, -60].contains { date.hasPrefix(Date(timeIntervalSinceNow: $0).formatted(format)) }, "\(date)")
            #expect(date.hasSuffix(" GMT"))

            client.send("HEAD /a HTTP/1.1\r\nhost:\t127.0.0.1:80 \r\n\r\n")
            let head = try #require(client.answer(toHead: true))
            #expect(head.status == 200 && head.fields["content-length"] == "8")
            client.send(PageSite.request("/none"))
            #expect(client.answer()?.status == 404)
        }
    }

    @Test(
        "what is no request to read is refused, and the connection ended",
        arguments: [
            ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc", 405),
            ("DELETE /report HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
            ("get / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
            ("GET / HTTP/1.1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
            ("GET /\r\n\r\n", 400),
            ("GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            (" GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            ("GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n", 400),
            ("G\u{1}T / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            ("GET /ä HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            ("GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
            ("GET / http/1.1\r\nHost: localhost\r\n\r\n", 400),
            ("GET / HTTP/1.1\nHost: localhost\n\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: localhost\rX: y\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nnonsense\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nX: \0\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello", 400),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            ("GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            ("\r\n\r\n", 400),
            // A page of others leads a browser of this machine here under a name of theirs.
            ("GET / HTTP/1.1\r\nHost: rebound.example:9464\r\n\r\n", 421),
            ("GET / HTTP/1.1\r\nHost: 127.0.0.1.example\r\n\r\n", 421),
            ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 421),
            ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 421),
        ])
    func refusals(_ text: String, status: Int) async throws {
        let site = try PageSite()
        try await onThread {
            let client = try site.client()
            client.send(text)
            // Nothing that follows is taken for a request.
            client.send(PageSite.request("/smuggled"))
            let answer = try #require(client.answer())
            #expect(answer.status == status, "\(answer.text)")
            #expect(answer.fields["connection"] == "close")
            #expect((answer.fields["allow"] == "GET, HEAD") == (status == 405))
            #expect(answer.text.split(separator: "\n").count == 1)
            client.endInput()
            #expect(client.rest().isEmpty)
            #expect(site.isServing)
        }
    }

    @Test("a request may have the bytes of the limit and none more")
    func bytes() async throws {
        var limits = PageSite.patient
        limits.headBytes = 200
        let site = try PageSite(limits)
        try await onThread {
            let bare = PageSite.request("/a", "X: ")
            let padding = String(repeating: "x", count: 200 - bare.utf8.count)
            let client = try site.client()
            for _ in 0..<2 {
                client.send(PageSite.request("/a", "X: \(padding)"))
                #expect(client.answer()?.status == 200)
            }
            client.send(PageSite.request("/a", "X: \(padding)x"))
            #expect(client.answer()?.status == 431)
            // One that never ends is refused at the limit, not at its end.
            let endless = try site.client()
            endless.send("GET /" + String(repeating: "a", count: 195))
            #expect(endless.answer()?.status == 431)
            endless.endInput()
            #expect(endless.rest().isEmpty && site.isServing)
        }
    }

    @Test("a request that comes byte by byte is answered like one that comes whole")
    func byteByByte() async throws {
        let site = try PageSite()
        try await onThread {
            let client = try site.client()
            for _ in 0..<2 {
                for byte in PageSite.request("/slow") {
                    client.send(String(byte))
                    usleep(200)
                }
                #expect(client.answer()?.text == "page /slow\n")
            }
        }
    }

    @Test("changed bytes are a request, a refusal, or not all of one", arguments: RandomSeeds.wanted(0..<20))
    func anyBytes(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let good = Array(PageSite.request("/a", "Connection: close", "Content-Length: 0").utf8)
        var kinds: Set<String> = []
        for _ in 0..<1000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert([13, 10, 32, 58].randomElement(using: &random) ?? 0, at: index)
                default: bytes.removeLast(Int.random(in: 0..<min(8, bytes.count), using: &random))
                }
            }
            switch HTTPInput(bytes, limit: 8192, isLoopback: true) {
            case .incomplete: kinds.insert("incomplete")
            case .request(let request, let length):
                kinds.insert("request")
                #expect(request.path.hasPrefix("/") && length <= bytes.count)
            case .refused(let response):
                kinds.insert("refused")
                #expect(response.status != .ok)
            }
        }
        #expect(kinds.count == 3, "\(kinds)")
    }
}
