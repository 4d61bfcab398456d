import MAEDomain
import Testing

@testable import MAECluster

@Suite("Leases")
struct LeaseTests {
    let policy = Stage.policy

    @Test("a result is acknowledged only after it is stored")
    func storedFirst() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        let a = try stage.join("a")
        let lease = try #require(stage.held(by: a).first)
        #expect(
            stage.handle(a.says(.result(lease))) == [
                .store(Job(lease: lease, shard: makeShards()[0]), node: a.node, TestOutput(lease: lease))
            ])
        #expect(stage.settled == nil)
        #expect(stage.handle(.stored(lease)).first == .send(.acknowledge([lease]), to: a.peer))
        #expect(stage.settled?.isComplete == true)
    }

    @Test("a result that comes twice is stored once and acknowledged again")
    func duplicate() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        let a = try stage.join("a")
        let lease = try #require(stage.held(by: a).first)
        stage.handle(a.says(.result(lease)))
        #expect(stage.handle(a.says(.result(lease))) == [], "the first copy is still being stored")
        stage.handle(.stored(lease))
        #expect(stage.handle(a.says(.result(lease))) == [.send(.acknowledge([lease]), to: a.peer)])
        #expect(stage.handle(.stored(lease)) == [])
    }

    @Test("a result for a lease never granted is rejected, whatever number it names", arguments: [-1, 1, Int.max])
    func neverGranted(number: Int) throws {
        var stage = Stage(workers: 1, shards: makeShards())
        let a = try stage.join("a")
        let lease = Lease(id: LeaseID(rawValue: number), epoch: Epoch(rawValue: 1))
        stage.handle(a.says(.result(lease)))
        #expect(stage.sent(to: a).last == .reject(.result(lease, .neverGranted)))
    }

    @Test("a result for an epoch to come is rejected", arguments: [0, 2, UInt64.max])
    func wrongEpoch(epoch: UInt64) throws {
        var stage = Stage(workers: 1, shards: makeShards())
        let a = try stage.join("a")
        let lease = Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: epoch))
        stage.handle(a.says(.result(lease)))
        #expect(stage.sent(to: a).last == .reject(.result(lease, .neverGranted)))
        #expect(stage.held(by: a).count == 1)
    }

    @Test("a result under another node's lease is rejected")
    func otherHolder() throws {
        var stage = Stage(workers: 2, shards: makeShards())
        let a = try stage.join("a")
        let b = try stage.join("b")
        let lease = try #require(stage.held(by: a).first)
        stage.handle(b.says(.result(lease)))
        #expect(stage.sent(to: b).last == .reject(.result(lease, .otherHolder)))
    }

    @Test("a result that comes after its grant was revoked is not counted, before and after the lease is granted again")
    func oldEpoch() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        var a = try stage.join("a")
        let old = try #require(stage.held(by: a).first)
        a.progress = JobProgress(old, step: 1)
        stage.wait(32, alive: [a])
        #expect(stage.sent(to: a).contains(.revoke(old)))
        stage.handle(a.says(.result(old)))
        #expect(stage.sent(to: a).last == .reject(.result(old, .oldEpoch)))
        a.progress = nil
        stage.wait(1, alive: [a])
        #expect(stage.held(by: a) == [Lease(id: old.id, epoch: Epoch(rawValue: 2))])
        stage.handle(a.says(.result(old)))
        #expect(stage.sent(to: a).last == .reject(.result(old, .oldEpoch)))
        #expect(stage.settled == nil)
    }

    @Test(
        "heartbeats without progress are not enough: the job is revoked, and the node gets no other while it hangs on")
    func stall() throws {
        var stage = Stage(workers: 1, shards: makeShards(batches: 2))
        var a = try stage.join("a")
        let lease = try #require(stage.held(by: a).first)
        a.progress = JobProgress(lease, step: 1)
        stage.wait(60, alive: [a])
        #expect(stage.notices.contains(.revoked(lease, a.node, .stalled)))
        #expect(stage.held(by: a) == [])
        a.progress = nil
        stage.wait(1, alive: [a])
        #expect(stage.held(by: a).count == 1)
    }

    @Test("progress keeps a long job alive, up to the longest time a job may take")
    func expiry() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        var a = try stage.join("a")
        let lease = try #require(stage.held(by: a).first)
        for step in 1...299 {
            a.progress = JobProgress(lease, step: UInt64(step))
            stage.wait(1, alive: [a])
        }
        #expect(stage.held(by: a) == [lease])
        stage.wait(1)
        #expect(stage.notices.contains(.revoked(lease, a.node, .expired)))
    }

    @Test("the job that waits behind another stalls only from when it could begin")
    func waitingJob() throws {
        var policy = policy
        policy.leasesPerNode = 2
        policy.mostLeasesPerNode = 2
        var stage = Stage(workers: 1, shards: makeShards(batches: 2), policy: policy)
        var a = try stage.join("a")
        let leases = stage.held(by: a)
        try #require(leases.count == 2)
        for step in 1...40 {
            a.progress = JobProgress(leases[0], step: UInt64(step))
            stage.wait(1, alive: [a])
        }
        stage.complete(leases[0], by: a)
        a.progress = JobProgress(leases[1], step: 0)
        stage.wait(29, alive: [a])
        #expect(stage.held(by: a) == [leases[1]])
    }

    @Test("what waits behind a job that hangs goes back without blame")
    func blame() throws {
        var policy = policy
        policy.leasesPerNode = 2
        policy.mostLeasesPerNode = 2
        policy.triesPerNode = 1
        var stage = Stage(workers: 1, shards: makeShards(batches: 2), policy: policy)
        let a = try stage.join("a")
        let leases = stage.held(by: a)
        stage.wait(31, alive: [a])
        #expect(stage.notices.contains(.givenUp(leases[0], a.node, .stalled)))
        #expect(!stage.notices.contains(.givenUp(leases[1], a.node, .stalled)))
    }

    @Test("a job that goes wrong is tried three times on the node, then set aside with its cause")
    func threeTries() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        let a = try stage.join("a")
        for epoch in 1...3 {
            let lease = Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: UInt64(epoch)))
            #expect(stage.held(by: a) == [lease])
            stage.handle(a.says(.failure(lease, JobFailure.node("out of memory"))))
            #expect(stage.sent(to: a).contains(.acknowledge([lease])))
        }
        let summary = try #require(stage.settled)
        #expect(!summary.isComplete)
        #expect(
            summary.missing.first?.causes == [
                .init(node: a.node, cause: .failed(JobFailure.node("out of memory")))
            ])
    }

    @Test("a job that kills its node again and again is set aside")
    func killer() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        for incarnation in 1...3 {
            try stage.join("a", incarnation: UInt64(incarnation))
            stage.wait(3)
        }
        let a = try stage.join("a", incarnation: 4)
        #expect(stage.held(by: a) == [])
        #expect(stage.settled?.missing.first?.causes == [.init(node: a.node, cause: .nodeLost(.superseded))])
    }

    @Test("a bad input file is final at once, for that shard on that node only")
    func badInput() throws {
        var stage = Stage(workers: 2, shards: makeShards(["full", "state-dict"]))
        let a = try stage.join("a")
        let b = try stage.join("b")
        let bad = try #require(stage.held(by: a).first)
        stage.handle(a.says(.failure(bad, JobFailure.input("model.pth: no such file"))))
        stage.completeAll(by: [a, b])
        let summary = try #require(stage.settled)
        #expect(summary.ending == .finished)
        #expect(summary.missing.map(\.shard.method) == ["full"])
        #expect(summary.missing.first?.have == 1)
        #expect(
            summary.missing.first?.causes == [
                .init(node: a.node, cause: .failed(JobFailure.input("model.pth: no such file")))
            ])
    }

    @Test("a failure that comes twice counts once")
    func failureTwice() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        let a = try stage.join("a")
        let lease = try #require(stage.held(by: a).first)
        for _ in 0..<10 {
            stage.handle(a.says(.failure(lease, JobFailure.node("x"))))
        }
        #expect(stage.held(by: a).map(\.epoch) == [Epoch(rawValue: 2)])
    }
}
