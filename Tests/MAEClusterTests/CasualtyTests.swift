import MAEDomain
import Testing

@testable import MAECluster

@Suite("Shards that kill their nodes")
struct CasualtyTests {
    @Test("after three deaths on two nodes a shard is set aside everywhere, with its cause, and the others go on")
    func everywhere() throws {
        let shards = makeShards(batches: 3)
        var stage = Stage(workers: 3, shards: shards)
        var stands = [try stage.join("a"), try stage.join("b"), try stage.join("c")]
        // All three have batch 0; a dies of it, comes back, and dies again, then b does.
        for name in [0, 0, 1] {
            stage.wait(3, alive: stands.indices.filter { $0 != name }.map { stands[$0] })
            let incarnation = stands[name].incarnation.rawValue + 1
            stands[name] = try stage.join(stands[name].node.name, incarnation: incarnation)
        }
        let cause = Cause.nodeLost(.superseded)
        #expect(stage.notices.contains(.quarantined(shards[0], cause)))
        #expect(stage.held(by: stands[2]).count == 1, "c has the next")
        stage.completeAll(by: stands)
        let summary = try #require(stage.settled)
        #expect(summary.ending == .finished)
        #expect(summary.missing.map(\.shard) == [shards[0]])
        #expect(summary.missing.first?.causes.map(\.cause) == [cause, cause, cause])
        #expect(summary.nodes.map(\.results) == [2, 2, 2])
    }

    @Test("what one node alone dies of is set aside there only: the fault may be its own")
    func oneNode() throws {
        var stage = Stage(workers: 2, shards: makeShards())
        var a = try stage.join("a", incarnation: 1)
        let b = try stage.join("b")
        for incarnation in 2...4 {
            stage.wait(3, alive: [b])
            a = try stage.join("a", incarnation: UInt64(incarnation))
        }
        #expect(stage.held(by: a) == [])
        #expect(!stage.notices.contains { if case .quarantined = $0 { true } else { false } })
        stage.completeAll(by: [b])
        #expect(stage.settled?.missing.first?.have == 1)
    }

    @Test("failures that a node reports cost no node: every node has its own tries")
    func reported() throws {
        var stage = Stage(workers: 3, shards: makeShards())
        let stands = [try stage.join("a"), try stage.join("b"), try stage.join("c")]
        for stand in stands.prefix(2) {
            for _ in 0..<3 {
                let lease = try #require(stage.held(by: stand).first)
                stage.handle(stand.says(.failure(lease, JobFailure.node("out of memory"))))
            }
        }
        stage.completeAll(by: stands)
        #expect(stage.settled?.missing.first?.have == 1)
    }

    @Test("a result that was under way when its shard was set aside comes too late")
    func late() throws {
        var policy = Stage.policy
        policy.crashesBeforeQuarantine = 2
        var stage = Stage(workers: 3, shards: makeShards(), policy: policy)
        let a = try stage.join("a")
        let b = try stage.join("b")
        let c = try stage.join("c")
        let lease = try #require(stage.held(by: c).first)
        stage.wait(10, alive: [c])
        #expect(stage.notices.contains(.lost(a.node, .silent)) && stage.notices.contains(.lost(b.node, .silent)))
        #expect(stage.sent(to: c).contains(.revoke(lease)))
        stage.handle(c.says(.result(lease)))
        #expect(stage.sent(to: c).last == .reject(.result(lease, .oldEpoch)))
        #expect(stage.settled?.missing.first?.have == 0)
    }
}
