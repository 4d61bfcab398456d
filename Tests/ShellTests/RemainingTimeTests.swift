import MAECluster
import MAEDomain
import MAEWire
import TestSupport
import Testing

@testable import MAECoordinator

@Suite("How long a run will still take")
struct RemainingTimeTests {
    private let left = NodeID("left")
    private let right = NodeID("right")

    private func job(_ number: Int) -> RunJob {
        let method = LoadingMethod(kind: .full, label: "full", path: "/m")
        return RunJob(
            lease: Lease(id: LeaseID(rawValue: number), epoch: Epoch(rawValue: 1)),
            shard: RunShard(
                id: ShardID(rawValue: number), method: "full", batch: number,
                work: ShardWork(method: method, draw: 0, attempt: 0)))
    }

    @Test("nothing is told while a node is missing, and then only from what was done since all are there")
    func missingNode() throws {
        let (left, right) = (try #require(left), try #require(right))
        var tally = RunTally(endpoint: "", expected: 2, done: 0, total: 8)
        tally.join(left, elapsed: .seconds(1))
        for number in 0..<4 { tally.finish(job(number), on: left) }
        let alone = tally.progress(elapsed: .seconds(500))
        #expect(alone.isWaitingForNodes && alone.remaining == nil && alone.present == ["left"])
        tally.join(right, elapsed: .seconds(600))
        #expect(tally.progress(elapsed: .seconds(601)).remaining == nil)
        tally.finish(job(4), on: right)
        let both = tally.progress(elapsed: .seconds(610))
        #expect(!both.isWaitingForNodes && both.remaining == .seconds(30))
        tally.lose(right, elapsed: .seconds(620))
        #expect(tally.progress(elapsed: .seconds(700)).remaining == nil)
    }

    @Test("nothing is told while a share waits for a node that was told to drain, unless others may take it over")
    func drainedNode() throws {
        let (left, right) = (try #require(left), try #require(right))
        for share in [4, nil] {
            var tally = RunTally(
                endpoint: "", expected: 2, done: 0, total: 8, share: share,
                methods: [RunTally.Method(label: "full", expected: 8, share: share)])
            for node in [left, right] { tally.join(node, elapsed: .seconds(1)) }
            for number in 0..<3 { tally.finish(job(number), on: left) }
            #expect(tally.progress(elapsed: .seconds(10)).remaining != nil)
            tally.drain(right)
            let held = tally.progress(elapsed: .seconds(10))
            #expect(held.isHeldByDrains == (share != nil) && (held.remaining == nil) == (share != nil))
            tally.drain(left)
            #expect(tally.progress(elapsed: .seconds(10)).remaining == nil)
            tally.undrain(left)
            tally.undrain(right)
            #expect(tally.progress(elapsed: .seconds(10)).remaining != nil)
        }
    }

    @Test("of a node that is gone it is told for how long and what waits for it, until it is back or replaced")
    func absence() throws {
        let (left, right) = (try #require(left), try #require(right))
        var tally = RunTally(endpoint: "", expected: 2, done: 0, total: 8, share: 4)
        for node in [left, right] { tally.join(node, elapsed: .seconds(1)) }
        tally.finish(job(0), on: right)
        tally.grant(job(1), to: right)
        tally.lose(right, elapsed: .seconds(20))
        func absence() -> String? { tally.progress(elapsed: .milliseconds(32_900)).nodes[1].absence?.words }
        #expect(absence() == "lost 12 s ago, 3 shards wait for it")
        #expect(
            tally.progress(elapsed: .seconds(215)).nodes[1].absence?.words == "lost 3 min ago, 3 shards wait for it")
        let loss = tally.loss(of: right, .silent, results: 1)
        #expect(loss.after == 20 && loss.share == 4 && loss.job?.batch == 1)
        #expect(
            loss.words
                == "right was lost 20 s after the start, with 1 of its 4 shards done, while it ran `full` batch 1: "
                + "nothing was heard of it")
        tally.join(right, elapsed: .seconds(33))
        #expect(absence() == nil)
        tally.lose(right, elapsed: .seconds(34))
        tally.join(try #require(NodeID("third")), takingOver: right, elapsed: .seconds(35))
        #expect(absence() == nil)
    }
}
