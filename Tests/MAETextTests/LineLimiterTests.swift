import MAEText
import Testing

@Suite("Lines of a log that peers may cause")
struct LineLimiterTests {
    @Test("the first lines of a kind are all written, then one for each doubling")
    func doubling() {
        var limiter = LineLimiter()
        let written = (1...1_000_000).compactMap { _ in limiter.next("lost", about: "a") }
        #expect(written == Array(1...32) + (6...19).map { 1 << $0 })
    }

    @Test("kinds and peers are counted each for itself")
    func separate() {
        var limiter = LineLimiter()
        for _ in 0..<1000 { _ = limiter.next("lost", about: "a") }
        #expect(limiter.next("lost", about: "b") == 1)
        #expect(limiter.next("refused", about: "a") == 1)
        #expect(LineLimiter.suffix(32).isEmpty && LineLimiter.suffix(64) == " (64 times so far)")
    }

    @Test("peers that are made up share one count")
    func madeUp() {
        var limiter = LineLimiter()
        let written = (0..<100_000).count { limiter.next("refused", about: "peer \($0)") != nil }
        #expect(written < 1024 + 32 + 20)
    }
}
