import MAEDomain
import Testing

@testable import MAECluster

@Suite("Stragglers")
struct StragglerTests {
    /// Three nodes that share 33 batches, each by one node; a and b have run theirs, 2 s each, and c is at its last.
    private func tail(batches: Int = 33) throws -> (stage: Stage, a: Stand, b: Stand, c: Stand, slow: Lease) {
        var stage = Stage(workers: 3, shards: makeShards(batches: batches, placement: .overlap(1)))
        let stands = try ["a", "b", "c"].map { try stage.join($0) }
        var slow: Lease?
        for _ in 0..<40 where slow == nil {
            stage.wait(2, alive: stands)
            for stand in stands.prefix(2) where !stage.held(by: stand).isEmpty {
                stage.complete(stage.held(by: stand)[0], by: stand)
            }
            let isLast = stage.held(by: stands[0]).isEmpty && stage.held(by: stands[1]).isEmpty
            if isLast {
                slow = stage.held(by: stands[2]).first
            } else {
                stage.complete(stage.held(by: stands[2])[0], by: stands[2])
            }
        }
        return (stage, stands[0], stands[1], stands[2], try #require(slow))
    }

    @Test("what takes twice as long as usual is granted to one idle node more, and the first result counts")
    func spare() throws {
        var (stage, a, b, c, slow) = try tail()
        #expect(stage.held(by: a) == [])
        stage.wait(3, alive: [a, b, c])
        let spare = try #require(stage.held(by: a).first, "4 s is twice 2 s")
        #expect(stage.held(by: b) == [], "one more, not two")
        #expect(stage.notices.contains { if case .speculated(_, a.node, slow) = $0 { true } else { false } })
        #expect(stage.settled == nil)
        stage.complete(spare, by: a)
        #expect(stage.settled?.isComplete == true)
        #expect(stage.sent(to: c).last == .revoke(slow), "nobody waits for it any more")
    }

    @Test("the slow node's own result counts too, and the spare one is revoked when nothing else is left")
    func slowFirst() throws {
        var (stage, a, b, c, slow) = try tail()
        stage.wait(3, alive: [a, b, c])
        let spare = try #require(stage.held(by: a).first)
        stage.complete(slow, by: c)
        #expect(stage.settled?.isComplete == true)
        #expect(stage.sent(to: a).last == .revoke(spare))
    }

    @Test("a second result of a spared shard is a vote more while the run goes on")
    func freeVote() throws {
        var (stage, a, b, c, slow) = try tail()
        stage.wait(3, alive: [a, b, c])
        let spare = try #require(stage.held(by: a).first)
        let row = try #require(stage.cluster.leases[slow]).row
        // The result is on its way to the disk: the run is not over.
        stage.handle(a.says(.result(spare)))
        stage.handle(c.says(.result(slow)))
        stage.handle(.stored(spare))
        #expect(stage.settled == nil)
        stage.handle(.stored(slow))
        #expect(stage.settled?.isComplete == true)
        #expect(stage.cluster.leases.shards.have[row] == 2)
    }

    @Test("when the spare is lost, another node gets it")
    func spareLost() throws {
        var (stage, a, b, c, slow) = try tail()
        stage.wait(3, alive: [a, b, c])
        stage.handle(a.says(.goodbye))
        let spare = try #require(stage.held(by: b).first)
        #expect(stage.cluster.leases[spare]?.row == stage.cluster.leases[slow]?.row)
    }

    @Test("nobody is granted a slow shard that he has run himself")
    func ownResult() throws {
        var stage = Stage(workers: 2, shards: makeShards(batches: 12, placement: .overlap(2)))
        let a = try stage.join("a")
        let b = try stage.join("b")
        for _ in 0..<12 {
            stage.wait(2, alive: [a, b])
            stage.complete(try #require(stage.held(by: a).first), by: a)
            if stage.cluster.leases.shards.resultCount.values.min() ?? 0 < 11, let lease = stage.held(by: b).first {
                stage.complete(lease, by: b)
            }
        }
        stage.wait(20, alive: [a, b])
        #expect(stage.held(by: a) == [])
        #expect(!stage.notices.contains { if case .speculated = $0 { true } else { false } })
    }

    @Test("before enough jobs are done, and where every node runs everything, nothing is granted twice")
    func notYet() throws {
        var (stage, a, b, c, _) = try tail(batches: 9)
        stage.wait(20, alive: [a, b, c])
        #expect(stage.held(by: a) == [] && stage.held(by: b) == [])
    }

    @Test("the limit is twice the median or the 95th percentile, of the last hundred")
    func stragglerLimit() {
        var latency = LatencyEstimator()
        for _ in 0..<9 {
            let isEnough = latency.record(.seconds(1), method: 0, node: NodeNumber(index: 0))
            #expect(!isEnough)
        }
        #expect(latency.stragglerLimit(method: 0) == nil)
        let isEnough = latency.record(.seconds(1), method: 0, node: NodeNumber(index: 0))
        #expect(isEnough)
        #expect(latency.stragglerLimit(method: 0) == .seconds(2))
        #expect(latency.stragglerLimit(method: 1) == nil)
        for _ in 0..<10 { _ = latency.record(.seconds(30), method: 0, node: NodeNumber(index: 0)) }
        #expect(latency.stragglerLimit(method: 0) == .seconds(60))
        for _ in 0..<100 { _ = latency.record(.seconds(3), method: 0, node: NodeNumber(index: 0)) }
        #expect(latency.stragglerLimit(method: 0) == .seconds(6))
        for _ in 0..<6 { _ = latency.record(.seconds(9), method: 0, node: NodeNumber(index: 0)) }
        #expect(latency.stragglerLimit(method: 0) == .seconds(9))
    }
}
