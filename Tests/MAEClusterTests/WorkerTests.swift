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

@Suite("A worker says what it has in hand")
struct WorkerHoldingTests {
    private var worker: Worker
    private var now = Instant(sinceOrigin: .zero)
    private let jobs = (0..<3).map {
        Job(lease: Lease(id: LeaseID(rawValue: $0), epoch: Epoch(rawValue: 1)), shard: makeShards(batches: 3)[$0])
    }

    init() throws {
        worker = Worker(node: try #require(NodeID("a")), incarnation: Incarnation(rawValue: 1), now: now)
        welcome(session: 9)
    }

    private mutating func welcome(session: UInt64) {
        let welcome = Welcome(
            session: SessionID(rawValue: session), heartbeatInterval: .seconds(1), silenceTimeout: .seconds(10))
        handle(.received(.welcome(welcome)))
    }

    /// Lets something happen, and returns the heartbeat that is said then.
    @discardableResult
    private mutating func handle(_ event: WorkerEvent) -> (progress: Progress?, holding: Holding?)? {
        for case .send(.said(.heartbeat(let progress, let holding), _, _)) in worker.handle(event, now: now) {
            return (progress, holding)
        }
        return nil
    }

    private mutating func beat() throws -> (progress: Progress?, holding: Holding?) {
        now = now + .seconds(1)
        return try #require(handle(.tick))
    }

    @Test("what runs and waits is unfinished, what is not acknowledged is finished")
    mutating func holding() throws {
        for job in jobs { handle(.received(.job(job))) }
        handle(.finished(jobs[0].lease))
        let said = try beat()
        #expect(said.progress?.lease == jobs[1].lease)
        #expect(said.holding?.unfinished == [jobs[1].lease, jobs[2].lease])
        #expect(said.holding?.finished == [jobs[0].lease])
        handle(.received(.acknowledge([jobs[0].lease])))
        let next = try beat()
        #expect(next.holding?.finished == [])
        #expect(next.holding?.number == said.holding.map { $0.number + 1 })
    }

    @Test("a job that was told to stop is named as running until it has, and then that is said at once")
    mutating func stopping() throws {
        handle(.received(.job(jobs[0])))
        handle(.received(.revoke(jobs[0].lease)))
        let said = try beat()
        #expect(said.progress?.lease == jobs[0].lease && said.holding?.unfinished == [])
        let next = try #require(handle(.stopped(jobs[0].lease)))
        #expect(next.progress == nil)
    }

    @Test("a job of an earlier session that stops soon is never named in the new one")
    mutating func earlierSession() throws {
        handle(.received(.job(jobs[0])))
        welcome(session: 10)
        #expect(handle(.tick) == nil)
        let said = try #require(handle(.stopped(jobs[0].lease)))
        #expect(said.progress == nil)
    }

    @Test("one that does not stop is named")
    mutating func hangs() throws {
        handle(.received(.job(jobs[0])))
        welcome(session: 10)
        #expect(try beat().progress?.lease == jobs[0].lease)
    }

    @Test("a job that comes again is run once; when it is finished, its result is sent again")
    mutating func doubled() {
        handle(.received(.job(jobs[0])))
        handle(.received(.job(jobs[0])))
        #expect(worker.waitingCount == 0)
        handle(.finished(jobs[0].lease))
        let again = worker.handle(.received(.job(jobs[0])), now: now)
        #expect(
            again == [
                .send(
                    .said(
                        .result(jobs[0].lease), session: SessionID(rawValue: 9), incarnation: Incarnation(rawValue: 1)))
            ])
    }
}
