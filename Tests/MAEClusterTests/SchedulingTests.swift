import MAEDomain
import Testing

@testable import MAECluster

@Suite("Scheduling")
struct SchedulingTests {
    @Test("every node runs every shard, and the run is then complete")
    func everyNode() throws {
        var stage = Stage(workers: 3, shards: makeShards(["full", "pretrained"], batches: 2))
        let stands = [try stage.join("a"), try stage.join("b"), try stage.join("c")]
        stage.completeAll(by: stands)
        let summary = try #require(stage.settled)
        #expect(summary.isComplete)
        #expect(summary.ending == .finished)
        #expect(summary.nodes.map(\.results) == [4, 4, 4])
    }

    @Test("while nothing may be granted, a run that has everything ends, and one that lacks something waits")
    func suspendedGrants() throws {
        var stage = Stage(workers: 1, shards: makeShards(batches: 2))
        let a = try stage.join("a")
        stage.handle(.suspendGrants)
        for job in stage.held(by: a) { stage.complete(job, by: a) }
        stage.wait(5, alive: [a])
        #expect(stage.settled == nil && stage.held(by: a).isEmpty)
        stage.handle(.resumeGrants)
        let last = stage.held(by: a)
        #expect(last.count == 1)
        stage.handle(.suspendGrants)
        for job in last { stage.complete(job, by: a) }
        #expect(stage.settled?.isComplete == true)
    }

    @Test("shards of one method follow each other on a node, methods in the order of the plan")
    func methodsTogether() throws {
        var stage = Stage(workers: 1, shards: makeShards(["state-dict", "full"], batches: 3))
        let a = try stage.join("a")
        stage.completeAll(by: [a])
        let order = stage.notices.compactMap { if case .granted(let job, _) = $0 { job.shard } else { nil } }
        #expect(order.map(\.method) == Array(repeating: "state-dict", count: 3) + Array(repeating: "full", count: 3))
        #expect(order.map(\.batch) == [0, 1, 2, 0, 1, 2])
    }

    @Test("a node that comes back runs only what it had not finished")
    func comeBack() throws {
        var stage = Stage(workers: 1, shards: makeShards(batches: 3))
        let a = try stage.join("a", incarnation: 1)
        stage.complete(try #require(stage.held(by: a).first), by: a)
        stage.wait(10)
        let again = try stage.join("a", incarnation: 2)
        stage.completeAll(by: [again])
        #expect(stage.settled?.isComplete == true)
        #expect(stage.log.count { if case .store = $0 { true } else { false } } == 3)
    }

    @Test("a late joiner takes over what a lost node left undone, and nothing else")
    func takeOver() throws {
        var stage = Stage(workers: 2, shards: makeShards(batches: 3))
        let a = try stage.join("a")
        let b = try stage.join("b")
        stage.complete(try #require(stage.held(by: a).first), by: a)
        stage.wait(10, alive: [b])
        let c = try stage.join("c")
        #expect(stage.notices.contains(.joined(c.node, NoIntroduction(), slot: 0, takingOver: a.node)))
        stage.completeAll(by: [b, c])
        let summary = try #require(stage.settled)
        #expect(summary.isComplete)
        #expect(summary.nodes.map(\.results) == [1, 3, 2])
        #expect(summary.nodes.first?.loss == .silent)
    }

    @Test("a node whose slot was taken over is used on top when it comes back, for what it has not run")
    func slotGone() throws {
        var stage = Stage(workers: 1, shards: makeShards(batches: 3))
        let a = try stage.join("a", incarnation: 1)
        stage.complete(try #require(stage.held(by: a).first), by: a)
        stage.wait(10)
        let c = try stage.join("c")
        let again = try stage.join("a", incarnation: 2)
        #expect(stage.notices.contains(.returned(a.node, NoIntroduction(), slot: 1, takingOver: nil)))
        stage.completeAll(by: [c, again])
        #expect(stage.settled?.nodes.map(\.results) == [3, 2])
    }

    @Test("two results of one node never stand for two nodes")
    func differentNodes() throws {
        var stage = Stage(workers: 2, shards: makeShards(), timeout: .seconds(40))
        let a = try stage.join("a", incarnation: 1)
        let b = try stage.join("b")
        stage.complete(try #require(stage.held(by: a).first), by: a)
        stage.wait(10)
        #expect(stage.notices.contains(.lost(b.node, .silent)))
        let again = try stage.join("a", incarnation: 2)
        #expect(stage.held(by: again) == [])
        stage.wait(30, alive: [again])
        #expect(stage.settled?.ending == .deadline)
        #expect(stage.settled?.missing.map(\.have) == [1])
    }

    @Test("a node beyond the expected count runs every shard too, and stands in for one that is lost")
    func onTop() throws {
        var stage = Stage(workers: 2, shards: makeShards(batches: 2))
        let a = try stage.join("a")
        _ = try stage.join("b")
        let c = try stage.join("c")
        stage.completeAll(by: [a, c])
        #expect(stage.settled == nil, "b is still there, and at work")
        stage.wait(10, alive: [a, c])
        let summary = try #require(stage.settled)
        #expect(summary.isComplete)
        #expect(summary.nodes.map(\.loss) == [nil, .silent, nil])
    }

    @Test("with fewer nodes than expected, the deadline ends the run incomplete")
    func tooFew() throws {
        var stage = Stage(workers: 2, shards: makeShards(), timeout: .seconds(20))
        let a = try stage.join("a")
        stage.completeAll(by: [a])
        #expect(stage.settled == nil)
        stage.wait(20, alive: [a])
        let summary = try #require(stage.settled)
        #expect(summary.ending == .deadline)
        #expect(summary.unfilledSlots == 1)
        #expect(summary.missing.first?.causes == [.init(node: nil, cause: .runEnded)])
    }

    @Test("the deadline revokes what still runs")
    func deadline() throws {
        var stage = Stage(workers: 1, shards: makeShards(), timeout: .seconds(5))
        let a = try stage.join("a")
        let lease = try #require(stage.held(by: a).first)
        stage.wait(5)
        #expect(stage.sent(to: a).contains(.revoke(lease)))
        #expect(stage.settled?.isComplete == false)
        #expect(stage.cluster.nextTick == stage.now + .seconds(1), "only signs of life are awaited")
    }

    @Test("shards that overlap go to so many nodes, evenly, and tie all nodes together")
    func overlap() throws {
        let names = ["a", "b", "c", "d"]
        var stage = Stage(workers: 4, shards: makeShards(batches: 8, placement: .overlap(2)))
        let stands = try names.map { try stage.join($0) }
        stage.completeAll(by: stands)
        let summary = try #require(stage.settled)
        #expect(summary.isComplete)
        #expect(summary.nodes.map(\.results) == [4, 4, 4, 4])
    }

    @Test("where nodes share shards out, an idle one takes over what a lost one left undone")
    func overlapLost() throws {
        var stage = Stage(workers: 3, shards: makeShards(batches: 6, placement: .overlap(1)))
        let stands = try ["a", "b", "c"].map { try stage.join($0) }
        stage.completeAll(by: [stands[0], stands[1]])
        #expect(stage.settled == nil)
        stage.wait(10, alive: [stands[0], stands[1]])
        stage.completeAll(by: [stands[0], stands[1]])
        #expect(stage.settled?.isComplete == true)
    }

    @Test("a node that runs a shard in another's place is not granted its own lease of that shard as well")
    func oneLeaseOfAShard() throws {
        var policy = Stage.policy
        policy.leasesPerNode = 2
        policy.mostLeasesPerNode = 2
        var stage = Stage(workers: 3, shards: makeShards(placement: .overlap(2)), policy: policy)
        let a = try stage.join("a")
        _ = try stage.join("b", incarnation: 1)
        let c = try stage.join("c")
        stage.wait(10, alive: [a, c])
        let taken = try #require(stage.held(by: c).first, "b is lost, and c runs its shard")
        stage.handle(a.says(.goodbye))
        let b = try stage.join("b", incarnation: 2)
        #expect(stage.held(by: b).count == 1, "it runs the shard in the place of a")
        stage.handle(c.says(.failure(taken, JobFailure.node("out of memory"))))
        #expect(stage.held(by: b).count == 1)
        stage.completeAll(by: [b, c])
        #expect(stage.settled?.isComplete == true)
    }

    @Test("a node never holds more jobs than it takes", arguments: [0, 1, 2])
    func mostJobs(taken: Int) throws {
        var policy = Stage.policy
        policy.leasesPerNode = 3
        policy.mostLeasesPerNode = 16
        var stage = Stage(workers: 1, shards: makeShards(batches: 40), policy: policy)
        let stand = try Stand("a")
        let hello = WorkerMessage.hello(stand.node, stand.incarnation, jobs: taken)
        let a = try stand.welcomed(by: stage.handle(.received(hello, from: stand.peer)))
        for _ in 0..<20 {
            #expect(stage.held(by: a).count == max(taken, 1))
            stage.now = stage.now + .milliseconds(1)
            stage.complete(stage.held(by: a)[0], by: a)
        }
    }

    @Test("a question put to one node is run by that node only")
    func question() throws {
        var stage = Stage(workers: 2, shards: makeShards())
        let a = try stage.join("a")
        let b = try stage.join("b")
        stage.completeAll(by: [a, b])
        stage.handle(.rerun(makeShards(placement: .node(b.node), from: 10)))
        #expect(stage.held(by: a) == [])
        #expect(stage.held(by: b).count == 1)
        stage.completeAll(by: [b])
        #expect(stage.settled?.isComplete == true)
    }

    @Test("a question is given up when its node goes, hangs on it, or gets no more; another node's is not")
    func questionGivenUp() throws {
        for cause in [Cause.nodeLost(.left), .stalled, .drained] {
            var stage = Stage(workers: 2, shards: makeShards())
            var a = try stage.join("a")
            var b = try stage.join("b")
            stage.completeAll(by: [a, b])
            let asked = makeShards(batches: 2, placement: .node(b.node), from: 10)
            stage.handle(.rerun(asked + makeShards(placement: .node(a.node), from: 20)))
            let lease = try #require(stage.held(by: b).first)
            switch cause {
            case .stalled:
                b.progress = JobProgress(lease, step: 0)
                let other = try #require(stage.held(by: a).first)
                for step in 1...31 {
                    a.progress = JobProgress(other, step: UInt64(step))
                    stage.wait(1, alive: [a, b])
                }
            case .drained:
                stage.handle(.drainNode(b.node))
                stage.complete(lease, by: b)
            default: stage.handle(b.says(.goodbye))
            }
            #expect(stage.settled?.isComplete == true, "only a's answer is awaited")
            stage.completeAll(by: [a])
            let summary = try #require(stage.settled)
            #expect(summary.ending == .finished)
            #expect(summary.missing.last?.shard == asked[1], "\(cause)")
            #expect(summary.missing.last?.causes.first?.node == b.node)
        }
    }

    @Test("a question to a node that is not there, or cannot work, is not waited for")
    func questionInVain() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        let a = try stage.join("a")
        stage.completeAll(by: [a])
        stage.handle(.drainNode(a.node))
        let c = try #require(NodeID("c"))
        let asked = makeShards(placement: .node(a.node), from: 10) + makeShards(placement: .node(c), from: 11)
        stage.handle(.rerun(asked))
        #expect(
            stage.settled?.missing.map(\.causes) == [
                [.init(node: a.node, cause: .drained)], [.init(node: c, cause: .nodeLost(.silent))],
            ])
    }

    @Test("questions after the deadline leave the run as it was settled")
    func lateQuestion() throws {
        var stage = Stage(workers: 1, shards: makeShards(), timeout: .seconds(5))
        let a = try stage.join("a")
        stage.completeAll(by: [a])
        stage.wait(5, alive: [a])
        let before = try #require(stage.settled)
        #expect(stage.handle(.rerun(makeShards(placement: .node(a.node), from: 10))) == [.settled(before)])
    }

    @Test("draining lets what runs come to its end, and grants no more")
    func drain() throws {
        var stage = Stage(workers: 1, shards: makeShards(batches: 2))
        let a = try stage.join("a")
        stage.handle(.drainRun)
        #expect(stage.settled == nil)
        stage.completeAll(by: [a])
        #expect(stage.settled?.ending == .drained)
        #expect(stage.settled?.missing.count == 1)
    }

    @Test("a drain that takes too long ends at the deadline")
    func drainDeadline() throws {
        var stage = Stage(workers: 1, shards: makeShards(), timeout: .seconds(20))
        let a = try stage.join("a")
        stage.handle(.drainRun)
        stage.wait(20, alive: [a])
        #expect(stage.settled?.ending == .drained)
    }

    @Test("cancelling revokes everything at once; finishing says Goodbye to everybody")
    func cancel() throws {
        var stage = Stage(workers: 2, shards: makeShards())
        let a = try stage.join("a")
        stage.handle(.cancel)
        #expect(stage.settled?.ending == .cancelled)
        let actions = stage.handle(.finish)
        #expect(actions.first == .send(.goodbye, to: a.peer))
        #expect(actions.last == .ended(try #require(stage.settled)))
        #expect(stage.cluster.nextTick == nil)
        #expect(stage.handle(a.says(.heartbeat(nil))) == [.send(.goodbye, to: a.peer)])
    }

    @Test("a run carried on asks only for what is not stored, under epochs of its own")
    func resume() throws {
        let shards = makeShards(batches: 2)
        let a = try #require(NodeID("a"))
        let b = try #require(NodeID("b"))
        let stored: [RunHistory.StoredResult] = [
            .init(shard: shards[0].id, node: a), .init(shard: shards[1].id, node: a),
            .init(shard: shards[0].id, node: b),
        ]
        var stage = Stage(workers: 2, shards: shards, stored: stored, lastEpoch: 7)
        #expect(stage.cluster.validateState() == [])
        let first = try stage.join("a")
        #expect(stage.held(by: first) == [])
        let second = try stage.join("b")
        #expect(stage.held(by: second) == [Lease(id: LeaseID(rawValue: 3), epoch: Epoch(rawValue: 8))])
        let old = Lease(id: LeaseID(rawValue: 3), epoch: Epoch(rawValue: 7))
        stage.handle(second.says(.result(old)))
        #expect(stage.sent(to: second).last == .reject(.result(old, .neverGranted)))
        stage.completeAll(by: [second])
        #expect(stage.settled?.isComplete == true)
    }

    @Test("a run carried on in which nodes share shards out goes on with the shares they had, whoever comes first")
    func resumeShared() throws {
        let shards = makeShards(batches: 6, placement: .overlap(2))
        var first = Stage(workers: 3, shards: shards)
        let nodes = try ["a", "b", "c"].map { try first.join($0) }
        first.completeAll(by: [nodes[2]])
        first.complete(try #require(first.held(by: nodes[0]).first), by: nodes[0])
        let stored = first.log.compactMap { action -> RunHistory.StoredResult? in
            if case .store(let job, let node, _) = action { .init(shard: job.shard.id, node: node) } else { nil }
        }
        var stage = Stage(workers: 3, shards: shards, formerNodes: nodes.map(\.node), stored: stored, lastEpoch: 7)
        let again = try ["b", "a", "c"].map { try stage.join($0, incarnation: 2) }
        stage.completeAll(by: again)
        #expect(stage.settled?.isComplete == true)
        #expect(stage.log.count { if case .store = $0 { true } else { false } } == 12 - stored.count)
        #expect(stage.settled?.nodes.map(\.results) == [4, 4, 4])
    }

    @Test("what others have run in a node's place is not run again when the run is carried on and it comes back")
    func resumeStoodIn() throws {
        let shards = makeShards(batches: 6, placement: .overlap(1))
        let nodes = try ["a", "b", "c"].map { try #require(NodeID($0)) }
        // c has run all of a's, and its own.
        let stored = shards.filter { $0.batch % 3 != 1 }.map { RunHistory.StoredResult(shard: $0.id, node: nodes[2]) }
        var stage = Stage(workers: 3, shards: shards, formerNodes: nodes, stored: stored, lastEpoch: 7)
        let again = try ["a", "b", "c"].map { try stage.join($0, incarnation: 2) }
        stage.completeAll(by: again)
        #expect(stage.settled?.isComplete == true)
        #expect(stage.log.count { if case .store = $0 { true } else { false } } == 2)
    }

    @Test("a run whose results are all stored is settled at the first event")
    func nothingLeft() throws {
        let shards = makeShards()
        let a = try #require(NodeID("a"))
        var stage = Stage(workers: 1, shards: shards, stored: [.init(shard: shards[0].id, node: a)])
        stage.handle(.tick)
        #expect(stage.settled?.isComplete == true)
    }
}
