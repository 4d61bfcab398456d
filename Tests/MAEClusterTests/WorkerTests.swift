import MAEDomain
import Testing

@testable import MAECluster

@Suite("A worker greets")
struct WorkerTests {
    private var worker: Worker
    private var now = Instant(sinceOrigin: .zero)

    init() throws {
        worker = Worker(
            node: try #require(NodeID("a")), incarnation: Incarnation(rawValue: 1), introduction: NoIntroduction(),
            now: now)
    }

    private let welcome = Worker.Event.received(
        .welcome(
            SessionID(rawValue: 9), Welcome(heartbeatInterval: .seconds(1), silenceTimeout: .seconds(10))))

    /// Lets so many seconds pass, and returns those at which a Hello was said.
    private mutating func hellos(in seconds: Int, answer: Worker.Event? = nil) -> [Int] {
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
        worker = Worker(
            node: try #require(NodeID("a")), incarnation: Incarnation(rawValue: 1), introduction: NoIntroduction(),
            now: now)
        welcome(session: 9)
    }

    private mutating func welcome(session: UInt64) {
        let times = Welcome(heartbeatInterval: .seconds(1), silenceTimeout: .seconds(10))
        handle(.received(.welcome(SessionID(rawValue: session), times)))
    }

    /// Lets something happen, and returns the heartbeat that is said then.
    @discardableResult
    private mutating func handle(_ event: Worker.Event) -> (progress: JobProgress?, inHand: LeasesInHand?)? {
        for case .send(.said(.heartbeat(let progress, let inHand), _, _)) in worker.handle(event, now: now) {
            return (progress, inHand)
        }
        return nil
    }

    private mutating func beat() throws -> (progress: JobProgress?, inHand: LeasesInHand?) {
        now = now + .seconds(1)
        return try #require(handle(.tick))
    }

    @Test("what runs and waits is unfinished, what is not acknowledged is finished")
    mutating func holding() throws {
        for job in jobs { handle(.received(.job(job))) }
        handle(.finished(jobs[0].lease))
        let said = try beat()
        #expect(said.progress?.lease == jobs[1].lease)
        #expect(said.inHand?.unfinished == [jobs[1].lease, jobs[2].lease])
        #expect(said.inHand?.finished == [jobs[0].lease])
        handle(.received(.acknowledge([jobs[0].lease])))
        let next = try beat()
        #expect(next.inHand?.finished == [])
        #expect(next.inHand?.number == said.inHand.map { $0.number + 1 })
    }

    @Test("a job that was told to stop is named as running until it has, and then that is said at once")
    mutating func stopping() throws {
        handle(.received(.job(jobs[0])))
        handle(.received(.revoke(jobs[0].lease)))
        let said = try beat()
        #expect(said.progress?.lease == jobs[0].lease && said.inHand?.unfinished == [])
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

    @Test("leases that a coordinator makes up are not remembered without end, and those in hand always are")
    mutating func madeUp() {
        handle(.received(.job(jobs[0])))
        handle(.received(.job(jobs[1])))
        for number in 10..<200_000 {
            handle(.received(.revoke(Lease(id: LeaseID(rawValue: number), epoch: Epoch(rawValue: 1)))))
        }
        #expect(worker.latest.count <= Worker.mostRemembered)
        handle(.received(.job(jobs[0])))
        handle(.received(.job(jobs[1])))
        #expect(worker.waitingJobs == [jobs[1]])
    }

    @Test("a job that comes again is run once; when it is finished, its result is sent again")
    mutating func doubled() {
        handle(.received(.job(jobs[0])))
        handle(.received(.job(jobs[0])))
        #expect(worker.waitingJobs.isEmpty)
        handle(.finished(jobs[0].lease))
        let again = worker.handle(.received(.job(jobs[0])), now: now)
        guard again.count == 1, case .send(.said(.result(let lease, let output), let session, _)) = again[0] else {
            Issue.record("it sends \(again)")
            return
        }
        #expect(lease == jobs[0].lease && output.lease == lease && session == SessionID(rawValue: 9))
    }
}
