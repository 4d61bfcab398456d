import MAEDomain
import TestSupport
import Testing

@testable import MAECluster

@Suite("Scale")
struct ScaleTests {
    @Test(
        "a million shards for each of a thousand nodes are granted as they are asked for, not all made up front",
        .enabled(if: !Sampling.isOn, "takes long without optimization"))
    func lazily() throws {
        let shards = (0..<1_000_000).map { Shard(id: ShardID(rawValue: $0), method: "full", batch: $0) }
        let plan = WorkPlan(workers: 1000, shards: shards, deadline: Instant(sinceOrigin: .seconds(1000)))
        var cluster = Cluster(plan: plan, firstSession: SessionID(rawValue: 1))
        #expect(cluster.leases.assignments.isEmpty)
        var granted = 0
        for index in 0..<1000 {
            let stand = try Stand("node-\(index)")
            let actions = cluster.handle(stand.greeting, now: Instant(sinceOrigin: .zero))
            granted += actions.count { if case .note(.granted) = $0 { true } else { false } }
        }
        #expect(granted == 2000)
        #expect(cluster.leases.assignments.count == 2000)
    }

    @Test("a thousand workers that join at once are all let in, also those that had another coordinator before")
    func stampede() throws {
        var cluster = Cluster(
            plan: WorkPlan(workers: 1000, shards: makeShards(), deadline: Instant(sinceOrigin: .seconds(1000))),
            firstSession: SessionID(rawValue: 1))
        var welcomed = 0
        let now = Instant(sinceOrigin: .zero)
        let stands = try (0..<1000).map { try Stand("node-\($0)") }
        // Under the earlier coordinator they had two results each to send again, and their heartbeats go on.
        for round in 0..<4 {
            for stand in stands {
                let lease = Lease(id: LeaseID(rawValue: round), epoch: Epoch(rawValue: 1))
                let statement = round == 0 ? WorkerStatement.heartbeat(nil) : .result(lease)
                let answer = cluster.handle(stand.says(statement), now: now)
                #expect(answer == [.send(.reject(.unknownWorker), to: stand.peer)])
            }
        }
        for stand in stands {
            welcomed += cluster.handle(stand.greeting, now: now).count {
                if case .send(.welcome, stand.peer) = $0 { true } else { false }
            }
        }
        #expect(welcomed == 1000)
    }
}
