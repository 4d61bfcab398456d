import MAEDomain
import Testing

@testable import MAECluster

/// A worker by itself, with a clock that is moved by hand.
private struct LoneWorker {
    var worker: Worker
    var now = Instant(sinceOrigin: .zero)
    private var session: UInt64 = 8

    init(_ policy: WorkerPolicy = WorkerPolicy()) throws {
        worker = Worker(
            node: try #require(NodeID("a")), incarnation: Incarnation(rawValue: 1), introduction: NoIntroduction(),
            policy: policy, now: now)
    }

    @discardableResult
    mutating func handle(_ event: Worker.Event, _ location: SourceLocation = #_sourceLocation) -> [Worker.Action] {
        let actions = worker.handle(event, now: now)
        #expect(worker.validateState() == [], sourceLocation: location)
        return actions
    }

    mutating func join() {
        session += 1
        let times = Welcome(heartbeatInterval: .seconds(1), silenceTimeout: .seconds(10))
        handle(.received(.welcome(SessionID(rawValue: session), times)))
    }

    /// Lets time pass in steps of a quarter of a second, with a tick at each, until the worker has left; returns the seconds.
    mutating func secondsUntilItLeaves(atMost limit: Int) -> Double? {
        let start = now
        for _ in 0..<limit * 4 {
            now = now + .milliseconds(250)
            handle(.tick)
            if worker.hasLeft { return (now - start) / .seconds(1) }
        }
        return nil
    }
}

extension [Worker.Action] {
    fileprivate var saysGoodbye: Bool { contains { if case .send(.said(.goodbye, _, _)) = $0 { true } else { false } } }
    fileprivate var cancels: Bool { contains { if case .cancel = $0 { true } else { false } } }
    fileprivate var starts: Bool { contains { if case .start = $0 { true } else { false } } }
    fileprivate var hellos: [String] {
        compactMap { if case .send(.hello(let node, _, _, _)) = $0 { node.name } else { nil } }
    }
    fileprivate var newName: String? {
        compactMap { if case .renamed(let node) = $0 { node.name } else { nil } }.first
    }
}

@Suite("A worker that is told to drain")
struct WorkerDrainTests {
    private var site: LoneWorker
    private let jobs = (0..<2).map {
        Job(lease: Lease(id: LeaseID(rawValue: $0), epoch: Epoch(rawValue: 1)), shard: makeShards(batches: 2)[$0])
    }

    init() throws {
        site = try LoneWorker()
        site.join()
    }

    private mutating func drain() -> [Worker.Action] { site.handle(.drain(by: site.now + .seconds(5))) }

    @Test("leaves at once when it has nothing in hand")
    mutating func idle() {
        let drained = drain()
        #expect(drained.saysGoodbye)
        #expect(site.worker.hasLeft && !site.worker.hasGivenUp)
    }

    @Test("finishes the job that runs, waits until its result is acknowledged, begins no other, and says Goodbye")
    mutating func finishes() {
        for job in jobs { site.handle(.received(.job(job))) }
        let drained = drain()
        #expect(!drained.cancels)
        site.now = site.now + .seconds(4)
        site.handle(.received(.heartbeat))
        let finished = site.handle(.finished(jobs[0].lease))
        #expect(!finished.starts && !finished.saysGoodbye && !site.worker.hasLeft)
        let acknowledged = site.handle(.received(.acknowledge([jobs[0].lease])))
        #expect(acknowledged.saysGoodbye && site.worker.hasLeft)
    }

    @Test("gives the job up when the time is over, and wakes up for that")
    mutating func overdue() throws {
        site.handle(.received(.job(jobs[0])))
        _ = drain()
        #expect(try #require(site.worker.nextTick) <= site.now + .seconds(5))
        site.now = site.now + .seconds(5)
        let actions = site.handle(.tick)
        #expect(actions.saysGoodbye && actions.cancels && site.worker.hasLeft)
    }

    @Test("does not wait for a job that was revoked, nor for a coordinator that is not there")
    mutating func nothingToFinish() throws {
        site.handle(.received(.job(jobs[0])))
        site.handle(.received(.revoke(jobs[0].lease)))
        let drained = drain()
        #expect(drained.saysGoodbye && site.worker.hasLeft)
        site = try LoneWorker()
        _ = drain()
        #expect(site.worker.hasLeft)
    }

    @Test("keeps to the first time that it was told")
    mutating func again() throws {
        site.handle(.received(.job(jobs[0])))
        _ = drain()
        site.handle(.drain(by: site.now + .seconds(50)))
        #expect(site.secondsUntilItLeaves(atMost: 20) == 5)
    }
}

@Suite("A worker that ends by itself")
struct WorkerEndTests {
    @Test("leaves with the Goodbye of the run where it is for one run", arguments: [true, false])
    func afterOneRun(endsWithRun: Bool) throws {
        var policy = WorkerPolicy()
        policy.endsWithRun = endsWithRun
        var site = try LoneWorker(policy)
        site.join()
        site.handle(.received(.goodbye))
        #expect(site.worker.hasLeft == endsWithRun)
        #expect(!site.worker.hasGivenUp)
    }

    @Test("gives up after its patience without a coordinator, not before; counted from the last one that there was")
    func givesUp() throws {
        var policy = WorkerPolicy()
        policy.patience = .seconds(30)
        var site = try LoneWorker(policy)
        site.now = site.now + .seconds(29)
        site.handle(.tick)
        site.join()
        // Silence for ten seconds is what shows that a coordinator is gone.
        #expect(site.secondsUntilItLeaves(atMost: 60) == 39.75)
        #expect(site.worker.hasGivenUp)
    }

    @Test("the time in which its own machine was suspended counts against no coordinator")
    func suspended() throws {
        var policy = WorkerPolicy()
        policy.patience = .seconds(30)
        var site = try LoneWorker(policy)
        site.join()
        site.now = site.now + .seconds(100)
        #expect(site.handle(.tick).hellos == [], "what the coordinator said meanwhile is still to be heard")
        site.handle(.received(.heartbeat))
        #expect(!site.worker.hasLeft)
        #expect(site.secondsUntilItLeaves(atMost: 60) == 39.75)
    }

    @Test("waits without end where it is given no patience")
    func waits() throws {
        var site = try LoneWorker()
        #expect(site.secondsUntilItLeaves(atMost: 100_000) == nil)
    }

    @Test("wakes up for giving up")
    func wakesUp() throws {
        var policy = WorkerPolicy()
        policy.patience = .milliseconds(300)
        var site = try LoneWorker(policy)
        site.handle(.tick)
        #expect(site.worker.nextTick == site.now + .milliseconds(300))
    }
}

@Suite("A worker whose name is that of a live node")
struct WorkerNameTests {
    private func refused(_ seconds: Int) -> Worker.Event {
        .received(.reject(.nameTaken(retryAfter: .seconds(seconds))))
    }

    private func site(isOpen: Bool) throws -> LoneWorker {
        var policy = WorkerPolicy()
        policy.mayTakeOtherName = isOpen
        var site = try LoneWorker(policy)
        #expect(site.handle(.tick).hellos == ["a"])
        return site
    }

    @Test("tries once more after the time in which a killed process would free it, and then takes the next names")
    func takesNext() throws {
        var site = try site(isOpen: true)
        #expect(site.handle(refused(3)).newName == nil)
        // A second answer to Hellos of before is no second try.
        #expect(site.handle(refused(3)).newName == nil)
        site.now = site.now + .seconds(3)
        #expect(site.handle(.tick).hellos == ["a"])
        let renamed = site.handle(refused(3))
        #expect(renamed.newName == "a-2" && renamed.hellos == ["a-2"])
        #expect(site.handle(refused(3)).newName == "a-3")
        site.join()
        #expect(site.worker.node.name == "a-3")
        // It keeps the name, and what was true of it before says nothing now.
        site.handle(.received(.goodbye))
        #expect(site.handle(refused(3)).newName == nil)
    }

    @Test("keeps a name that it was given, however often it is refused")
    func keepsGiven() throws {
        var site = try site(isOpen: false)
        for _ in 0..<10 {
            #expect(site.handle(refused(3)).newName == nil)
            site.now = site.now + .seconds(4)
            #expect(site.handle(.tick).hellos == ["a"])
        }
    }

    @Test("a name made of a long one is no longer than names may be")
    func longName() throws {
        let node = try #require(NodeID(String(repeating: "ä", count: 32)))
        #expect(node.numbered(12).name == String(repeating: "ä", count: 30) + "-12")
        #expect(try #require(NodeID("host")).numbered(2).name == "host-2")
    }
}
