import MAEDomain
import Testing

@testable import MAECluster

@Suite("Draining a node")
struct DrainingTests {
    @Test("it finishes what it runs, gives back what waits, and gets no more")
    func finishes() throws {
        var policy = Stage.policy
        policy.leasesPerNode = 2
        policy.mostLeasesPerNode = 2
        var stage = Stage(workers: 2, shards: makeShards(batches: 3), policy: policy)
        let a = try stage.join("a")
        let b = try stage.join("b")
        let held = stage.held(by: a)
        stage.handle(.drainNode(a.node))
        #expect(stage.held(by: a) == [held[0]])
        #expect(stage.sent(to: a).last == .revoke(held[1]))
        #expect(!stage.notices.contains { if case .drained = $0 { true } else { false } })
        stage.complete(held[0], by: a)
        #expect(stage.held(by: a) == [])
        #expect(stage.notices.contains(.drained(a.node, open: 2)))
        #expect(!stage.notices.contains(.lost(a.node, .left)))
        stage.completeAll(by: [b])
        #expect(stage.settled == nil, "two nodes are to run each shard, and another may come")
        let c = try stage.join("c")
        #expect(stage.notices.contains(.joined(c.node, NoIntroduction(), slot: 0, takingOver: a.node)))
        stage.completeAll(by: [c])
        let summary = try #require(stage.settled)
        #expect(summary.isComplete)
        #expect(summary.nodes.map(\.results) == [1, 3, 2])
        #expect(summary.nodes.map(\.isDraining) == [true, false, false])
        #expect(summary.nodes.map(\.loss) == [nil, nil, nil])
    }

    @Test("where nodes share shards out, the others take over what a drained one leaves")
    func shared() throws {
        var stage = Stage(workers: 3, shards: makeShards(batches: 6, placement: .overlap(2)))
        let stands = try ["a", "b", "c"].map { try stage.join($0) }
        stage.handle(.drainNode(stands[0].node))
        stage.completeAll(by: stands)
        #expect(stage.settled?.isComplete == true)
        #expect(stage.settled?.nodes[0].results == 1)
    }

    @Test("without anybody in its place, the run says what is missing and why")
    func missing() throws {
        var stage = Stage(workers: 2, shards: makeShards(), timeout: .seconds(20))
        let a = try stage.join("a")
        stage.handle(.drainNode(try #require(NodeID("b"))))
        let b = try stage.join("b")
        #expect(stage.held(by: b) == [], "told to drain before it came")
        stage.completeAll(by: [a])
        stage.wait(20, alive: [a, b])
        let missing = try #require(stage.settled?.missing.first)
        #expect(missing.causes == [.init(node: b.node, cause: .drained)])
    }

    @Test("it works again when it is told to, also after it was started again")
    func undrained() throws {
        var stage = Stage(workers: 1, shards: makeShards(batches: 2))
        let a = try stage.join("a", incarnation: 1)
        stage.handle(.drainNode(a.node))
        stage.completeAll(by: [a])
        stage.handle(a.says(.goodbye))
        let again = try stage.join("a", incarnation: 2)
        #expect(stage.held(by: again) == [])
        stage.handle(.undrainNode(a.node))
        stage.completeAll(by: [again])
        #expect(stage.settled?.isComplete == true)
    }

    @Test("a node that works again after its slot was taken gets one on top")
    func slotTaken() throws {
        var stage = Stage(workers: 1, shards: makeShards(batches: 2))
        let a = try stage.join("a")
        stage.handle(.drainNode(a.node))
        stage.completeAll(by: [a])
        let b = try stage.join("b")
        stage.handle(.undrainNode(a.node))
        stage.completeAll(by: [a, b])
        #expect(stage.settled?.nodes.map(\.results) == [2, 1])
    }
}
