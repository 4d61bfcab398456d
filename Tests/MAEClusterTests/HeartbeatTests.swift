import MAEDomain
import Testing

@testable import MAECluster

@Suite("What heartbeats say of leases")
struct HeartbeatTests {
    private let failure = Cause.failed(JobFailure.node("the node does not take the job"))

    private func twoLeases() -> ClusterPolicy {
        var policy = Stage.policy
        policy.leasesPerNode = 2
        policy.mostLeasesPerNode = 2
        return policy
    }

    @Test("a job that a node does not name is sent again under the same epoch, ever less often, and nobody is blamed")
    func lostJob() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        var a = try stage.join("a")
        let job = Job(lease: try #require(stage.held(by: a).first), shard: makeShards()[0])
        var sent: [Int] = []
        for second in 1...10 {
            stage.now = stage.now + .seconds(1)
            if stage.handle(a.beats(running: nil)).contains(.send(.job(job), to: a.peer)) { sent.append(second) }
        }
        #expect(sent == [2, 5])
        stage.handle(a.beats(running: job.lease))
        stage.complete(job.lease, by: a)
        #expect(stage.settled?.isComplete == true)
        #expect(!stage.notices.contains { if case .revoked = $0 { true } else { false } })
    }

    @Test("a job that a node does not name though it was sent three times more has failed there, and is nobody's end")
    func untaken() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        var a = try stage.join("a")
        let lease = try #require(stage.held(by: a).first)
        for _ in 1...24 {
            stage.now = stage.now + .seconds(1)
            stage.handle(a.beats(running: nil))
        }
        #expect(stage.notices.contains(.revoked(lease, a.node, failure)))
        #expect(stage.sent(to: a).count { if case .job(let job) = $0 { job.lease == lease } else { false } } == 4)
        #expect(stage.cluster.leases.shards.crashes.isEmpty)
    }

    @Test("a job that is on its way when a heartbeat leaves is not sent again")
    func crossing() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        var a = try stage.join("a")
        stage.now = stage.now + .seconds(1)
        #expect(stage.handle(a.beats(running: nil)) == [.send(.heartbeat, to: a.peer)])
    }

    @Test("a result that was lost is asked for by the job, and an acknowledgement that was lost is said again")
    func lostResult() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        var a = try stage.join("a")
        let job = Job(lease: try #require(stage.held(by: a).first), shard: makeShards()[0])
        #expect(stage.handle(a.beats(running: nil, finished: [job.lease])).contains(.send(.job(job), to: a.peer)))
        stage.handle(a.says(.result(job.lease)))
        #expect(stage.handle(a.beats(running: nil, finished: [job.lease])) == [.send(.heartbeat, to: a.peer)])
        stage.handle(.stored(job.lease))
        #expect(
            stage.handle(a.beats(running: nil, finished: [job.lease]))
                .contains(.send(.acknowledge([job.lease]), to: a.peer)))
    }

    @Test("a node that runs on because a Cancel was lost is told again, and gets nothing else until it has stopped")
    func lostCancel() throws {
        var stage = Stage(workers: 1, shards: makeShards(batches: 2))
        var a = try stage.join("a")
        let lease = try #require(stage.held(by: a).first)
        stage.handle(a.says(.failure(lease, JobFailure.input("bad"))))
        let next = try #require(stage.held(by: a).first)
        let answer = stage.handle(a.beats(running: lease, unfinished: [lease, next]))
        #expect(answer.contains(.send(.revoke(lease), to: a.peer)))
        #expect(stage.notices.contains(.revoked(next, a.node, .occupied)))
        stage.handle(a.beats(running: lease, unfinished: []))
        #expect(stage.held(by: a) == [])
        stage.handle(a.beats(running: nil))
        #expect(stage.held(by: a).map(\.id) == [next.id])
        stage.completeAll(by: [a])
        #expect(stage.settled?.missing.count == 1)
    }

    @Test("a node that hangs on a job of an earlier coordinator is given nothing, and nothing is blamed for it")
    func hungBefore() throws {
        var stage = Stage(workers: 1, shards: makeShards(), lastEpoch: 7)
        var a = try stage.join("a")
        let old = Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: 7))
        for _ in 1...60 {
            stage.now = stage.now + .seconds(1)
            stage.handle(a.beats(running: old, unfinished: []))
        }
        #expect(stage.held(by: a) == [])
        #expect(stage.cluster.leases.failures.isEmpty && stage.cluster.leases.shards.crashes.isEmpty)
        let b = try stage.join("b")
        stage.completeAll(by: [b])
        #expect(stage.settled?.isComplete == true)
    }

    @Test("what comes late, or twice, says nothing new")
    func late() throws {
        var stage = Stage(workers: 1, shards: makeShards(batches: 2))
        var a = try stage.join("a")
        let lease = try #require(stage.held(by: a).first)
        let old = a.beats(running: lease)
        stage.handle(a.beats(running: lease))
        stage.handle(a.says(.failure(lease, JobFailure.input("bad"))))
        let held = stage.held(by: a)
        #expect(held.count == 1)
        #expect(stage.handle(old) == [.send(.heartbeat, to: a.peer)])
        #expect(stage.held(by: a) == held)
    }

    @Test("a job may be overdue only from when its node has named it")
    func limits() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        var a = try stage.join("a")
        let lease = try #require(stage.held(by: a).first)
        for second in 1...34 {
            stage.now = stage.now + .seconds(1)
            stage.handle(.tick)
            stage.handle(a.beats(running: second < 5 ? nil : lease))
        }
        #expect(stage.held(by: a) == [lease])
        stage.now = stage.now + .seconds(1)
        stage.handle(.tick)
        #expect(stage.notices.contains(.revoked(lease, a.node, .stalled)))
    }

    @Test(
        "who is lost without having named its job has it on its account only if it could not name it",
        arguments: [true, false])
    func lostNode(isMissed: Bool) throws {
        var stage = Stage(workers: 1, shards: makeShards())
        var a = try stage.join("a")
        let lease = try #require(stage.held(by: a).first)
        if isMissed { stage.now = stage.now + .seconds(2) }
        stage.handle(a.beats(running: nil))
        stage.wait(10)
        #expect(stage.notices.contains(.revoked(lease, a.node, .nodeLost(.silent))))
        #expect(stage.cluster.leases.failures.isEmpty == isMissed)
    }

    @Test("what waits on a node that is said to have begun it late begins when its turn comes")
    func waiting() throws {
        var stage = Stage(workers: 1, shards: makeShards(batches: 2), policy: twoLeases())
        var a = try stage.join("a")
        let leases = stage.held(by: a)
        stage.handle(a.beats(running: leases[0], unfinished: leases))
        stage.now = stage.now + .seconds(5)
        stage.complete(leases[0], by: a)
        let second = try #require(stage.cluster.membership[a.node]?.held.first)
        #expect(second.lease == leases[1] && second.executionStarted == stage.now)
    }
}
