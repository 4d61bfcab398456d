import Testing

@testable import MAECluster

@Suite("A worker greets")
struct WorkerTests {
    private var worker: Worker
    private var now = Instant(sinceOrigin: .zero)

    init() throws {
        worker = Worker(node: try #require(NodeID("a")), incarnation: Incarnation(rawValue: 1), now: now)
    }

    private let welcome = WorkerEvent.received(
        .welcome(
            Welcome(session: SessionID(rawValue: 9), heartbeatInterval: .seconds(1), silenceTimeout: .seconds(10))))

    /// Lets so many seconds pass, and returns those at which a Hello was said.
    private mutating func hellos(in seconds: Int, answer: WorkerEvent? = nil) -> [Int] {
        let start = now
        var hellos: [Int] = []
        for _ in 0..<seconds * 4 {
            now = now + .milliseconds(250)
            guard worker.handle(.tick, now: now).contains(where: { if case .send(.hello) = $0 { true } else { false } })
            else { continue }
            hellos.append(Int(((now - start) / .seconds(1)).rounded()))
            if let answer { _ = worker.handle(answer, now: now) }
        }
        return hellos
    }

    @Test("less and less often while nobody answers, every five seconds at last")
    mutating func backOff() {
        #expect(hellos(in: 25) == [0, 1, 3, 7, 12, 17, 22])
    }

    @Test("one second after Goodbye, so that the next run need not wait for it")
    mutating func afterGoodbye() {
        _ = worker.handle(welcome, now: now)
        _ = worker.handle(.received(.goodbye), now: now)
        #expect(hellos(in: 8) == [1, 3, 7])
    }

    @Test("less and less often when the answer is Goodbye each time: that coordinator is ending")
    mutating func goodbyes() {
        _ = worker.handle(welcome, now: now)
        _ = worker.handle(.received(.goodbye), now: now)
        #expect(hellos(in: 25, answer: .received(.goodbye)).count <= 7)
    }
}
