import MAEDomain
import Testing

@testable import MAECluster

@Suite("Shards that kill their nodes")
struct CasualtyTests {
    /// Lets nodes die of what they run, one after the other, and come back.
    private func die(_ names: [Int], of stands: inout [Stand], _ stage: inout Stage) throws {
        for name in names {
            stage.wait(3, alive: stands.indices.filter { $0 != name }.map { stands[$0] })
            let incarnation = stands[name].incarnation.rawValue + 1
            stands[name] = try stage.join(stands[name].node.name, incarnation: incarnation)
        }
    }

    private static func isQuarantine(_ notice: Notice) -> Bool {
        if case .quarantined = notice { true } else { false }
    }

    @Test("after deaths on three nodes a shard is set aside everywhere, with its cause, and the others go on")
    func everywhere() throws {
        let shards = makeShards(batches: 3)
        var stage = Stage(workers: 4, shards: shards)
        var stands = try ["a", "b", "c", "d"].map { try stage.join($0) }
        // All four have batch 0.
        try die([0, 1, 2], of: &stands, &stage)
        let cause = Cause.nodeLost(.superseded)
        #expect(stage.notices.contains(.quarantined(shards[0], cause)))
        #expect(stage.held(by: stands[3]).count == 1, "d has the next")
        stage.completeAll(by: stands)
        let summary = try #require(stage.settled)
        #expect(summary.ending == .finished)
        #expect(summary.missing.map(\.shard) == [shards[0]])
        #expect(summary.missing.first?.causes.map(\.cause) == [cause, cause, cause, cause])
        #expect(summary.nodes.map(\.results) == [2, 2, 2, 2])
    }

    @Test("of two nodes there are no others: after three deaths on both, the shard is set aside")
    func bothOfTwo() throws {
        let shards = makeShards(batches: 2)
        var stage = Stage(workers: 2, shards: shards)
        var stands = try ["a", "b"].map { try stage.join($0) }
        try die([0, 0, 1], of: &stands, &stage)
        #expect(stage.notices.contains(.quarantined(shards[0], .nodeLost(.superseded))))
    }

    @Test("two nodes that die on purpose keep a shard from themselves alone")
    func twoSpoilers() throws {
        let shards = makeShards(batches: 2)
        var stage = Stage(workers: 4, shards: shards)
        var stands = try ["a", "b", "c", "d"].map { try stage.join($0) }
        try die([0, 0, 0, 1, 1, 1], of: &stands, &stage)
        #expect(!stage.notices.contains(where: Self.isQuarantine))
        stage.completeAll(by: stands)
        #expect(stage.settled?.missing.map(\.shard) == [shards[0]])
        #expect(stage.settled?.missing.first?.have == 2, "the others have computed it")
    }

    @Test("a shard that more nodes have computed than died of it is set aside for no other node")
    func computed() throws {
        let shards = makeShards()
        var stage = Stage(workers: 7, shards: shards)
        var stands = try ["a", "b", "c", "d", "e", "f", "g"].map { try stage.join($0) }
        for stand in stands.suffix(3) { stage.complete(try #require(stage.held(by: stand).first), by: stand) }
        try die([0, 1, 2], of: &stands, &stage)
        #expect(!stage.notices.contains(where: Self.isQuarantine))
        try die([3], of: &stands, &stage)
        #expect(stage.notices.contains(where: Self.isQuarantine), "four died of it, three have computed it")
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

    @Test("processes that fell silent and live on did not die of their job: nothing is given up, however often")
    func alive() throws {
        var stage = Stage(workers: 3, shards: makeShards())
        var stands = try ["a", "b", "c"].map { try stage.join($0) }
        for _ in 0..<8 {
            // A network that stands still: all are silent together, over the same shard.
            stage.wait(12)
            for index in stands.indices { stands[index] = try stage.join(stands[index].node.name) }
        }
        #expect(!stage.notices.contains(where: Self.isQuarantine))
        #expect(stage.cluster.leases.shards.crashes.isEmpty)
        stage.completeAll(by: stands)
        #expect(stage.settled?.missing.isEmpty == true)
    }

    @Test("but a job that silences its process each time is given up there in the end")
    func silencing() throws {
        var policy = Stage.policy
        policy.triesTakenBack = 4
        var stage = Stage(workers: 2, shards: makeShards(), policy: policy)
        let b = try stage.join("b")
        stage.complete(try #require(stage.held(by: b).first), by: b)
        var silences = 0
        while silences < 20 {
            let a = try stage.join("a")
            guard !stage.held(by: a).isEmpty else { break }
            stage.wait(10, alive: [b])
            silences += 1
        }
        #expect(silences == 4 + policy.triesPerNode)
        #expect(stage.settled?.missing.first?.causes.map(\.cause) == [.nodeLost(.silent)])
    }

    @Test("machines that go down one after the other over a shard, for good, do not take others with them")
    func machines() throws {
        let shards = makeShards()
        var stage = Stage(workers: 6, shards: shards)
        let names = ["a", "b", "c", "d", "e"]
        for (index, name) in names.enumerated() {
            // Each comes when the one before has gone down.
            try stage.join(name)
            stage.wait(10)
            // The last one is not known to stay away yet.
            #expect(stage.notices.contains(where: Self.isQuarantine) == (index >= 3), "\(name)")
        }
    }

    @Test("a node that comes back as another process has died of what it ran when it fell silent")
    func reborn() throws {
        var stage = Stage(workers: 2, shards: makeShards(batches: 2))
        for incarnation in 1...2 {
            try stage.join("a", incarnation: UInt64(incarnation))
            try stage.join("b", incarnation: UInt64(incarnation))
            stage.wait(10)
        }
        #expect(!stage.notices.contains(where: Self.isQuarantine), "two deaths are known, and two silences")
        try stage.join("a", incarnation: 3)
        #expect(stage.notices.contains(where: Self.isQuarantine))
    }

    @Test("a result that was under way when its shard was set aside comes too late")
    func late() throws {
        var policy = Stage.policy
        policy.crashesBeforeQuarantine = 2
        policy.nodesBeforeQuarantine = 2
        var stage = Stage(workers: 3, shards: makeShards(), policy: policy)
        var stands = try ["a", "b", "c"].map { try stage.join($0) }
        let c = stands[2]
        let lease = try #require(stage.held(by: c).first)
        try die([0, 1], of: &stands, &stage)
        #expect(stage.sent(to: c).contains(.revoke(lease)))
        stage.handle(c.says(.result(lease)))
        #expect(stage.sent(to: c).last == .reject(.result(lease, .oldEpoch)))
        #expect(stage.settled?.missing.first?.have == 0)
    }
}
