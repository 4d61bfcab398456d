import MAEDomain
import Testing

@testable import MAECluster

@Suite("How long a job may run with progress")
struct RunLimitTests {
    private static var policy: ClusterPolicy {
        var policy = Stage.policy
        policy.leaseLimit = .seconds(1800)
        policy.shortestLimit = .seconds(60)
        policy.mediansPerJob = 10
        return policy
    }

    /// Lets a node tell progress, each second, until `seconds` are over or its job is taken back; returns for how long.
    private func tell(_ stand: inout Stand, _ lease: Lease, stage: inout Stage, for seconds: Int, fetching: Bool) -> Int
    {
        for second in 0..<seconds {
            guard stage.held(by: stand) == [lease] else { return second }
            stand.progress = JobProgress(
                lease: lease, stage: fetching ? .fetching : .forward, step: UInt64(second + 1))
            stage.wait(1, alive: [stand])
        }
        return seconds
    }

    /// A run in which two nodes have computed both batches, in so many seconds each, and a third one begins.
    private func almostDone(_ seconds: Int) throws -> (Stage, Stand, Lease) {
        var stage = Stage(workers: 3, shards: makeShards(batches: 2), policy: Self.policy, timeout: .seconds(10_000))
        for name in ["quick", "as quick"] { try computeAll(&stage, as: name, in: seconds) }
        let slow = try stage.join("slow")
        return (stage, slow, try #require(stage.held(by: slow).first))
    }

    /// Lets a node join and compute both batches.
    @discardableResult
    private func computeAll(
        _ stage: inout Stage, as name: String, in seconds: Int, identity: [UInt8] = []
    ) throws -> Stand {
        let node = try stage.join(name, identity: identity)
        for _ in 0..<2 {
            stage.wait(seconds, alive: [node])
            stage.complete(try #require(stage.held(by: node).first), by: node)
        }
        return node
    }

    @Test("one quick node sets no limit for others, and two slow ones set theirs")
    func oneQuick() throws {
        var stage = Stage(workers: 4, shards: makeShards(batches: 2), policy: Self.policy, timeout: .seconds(10_000))
        try computeAll(&stage, as: "quick", in: 1)
        for name in ["slow", "as slow"] {
            var slow = try stage.join(name)
            for _ in 0..<2 {
                let lease = try #require(stage.held(by: slow).first)
                #expect(tell(&slow, lease, stage: &stage, for: 300, fetching: false) == 300)
                stage.complete(lease, by: slow)
            }
        }
        #expect(!stage.notices.contains { if case .revoked = $0 { true } else { false } })
        // Ten times the 300 s of the middle node are more than the limit of every job.
        var faker = try stage.join("faker")
        let lease = try #require(stage.held(by: faker).first)
        #expect((1800...1810).contains(tell(&faker, lease, stage: &stage, for: 2000, fetching: false)))
    }

    @Test("a node that is alone is held to what its own jobs took")
    func alone() throws {
        var stage = Stage(workers: 1, shards: makeShards(batches: 3), policy: Self.policy, timeout: .seconds(10_000))
        var node = try computeAll(&stage, as: "alone", in: 1)
        let lease = try #require(stage.held(by: node).first)
        #expect((60...70).contains(tell(&node, lease, stage: &stage, for: 1000, fetching: false)))
    }

    @Test("progress that is told for longer than others take, many times over, is not believed")
    func faked() throws {
        var (stage, faker, lease) = try almostDone(1)
        let told = tell(&faker, lease, stage: &stage, for: 1000, fetching: false)
        #expect((60...70).contains(told), "\(told) s")
        #expect(stage.notices.contains(.revoked(lease, faker.node, .expired)))
    }

    @Test("a node that is slow and takes less than so many times the median is left alone")
    func slow() throws {
        var (stage, slow, lease) = try almostDone(20)
        #expect(tell(&slow, lease, stage: &stage, for: 190, fetching: false) == 190)
        stage.complete(lease, by: slow)
        #expect(!stage.notices.contains { if case .revoked = $0 { true } else { false } })
    }

    @Test("while nothing is known of the method, the limit of every job holds")
    func unknown() throws {
        var stage = Stage(workers: 1, shards: makeShards(), policy: Self.policy, timeout: .seconds(10_000))
        var stand = try stage.join("first")
        let lease = try #require(stage.held(by: stand).first)
        #expect((1800...1810).contains(tell(&stand, lease, stage: &stage, for: 2000, fetching: false)))
    }

    @Test("fetching counts as far as parts of the files are sent, and what is only said does not")
    func fetching() throws {
        var (stage, stand, lease) = try almostDone(1)
        for _ in 0..<20 {
            #expect(tell(&stand, lease, stage: &stage, for: 10, fetching: true) == 10)
            stage.handle(.fetched(identity: stand.peer.identity))
        }
        #expect((60...70).contains(tell(&stand, lease, stage: &stage, for: 1000, fetching: true)))
        #expect(stage.notices.contains(.revoked(lease, stand.node, .expired)))
    }

    @Test("what another node fetches counts for that node")
    func others() throws {
        var stage = Stage(workers: 3, shards: makeShards(batches: 2), policy: Self.policy, timeout: .seconds(10_000))
        try computeAll(&stage, as: "as quick", in: 1)
        let quick = try computeAll(&stage, as: "quick", in: 1, identity: [1])
        var faker = try stage.join("faker", identity: [2])
        let lease = try #require(stage.held(by: faker).first)
        var told = 0
        for _ in 0..<20 where stage.held(by: faker) == [lease] {
            told += tell(&faker, lease, stage: &stage, for: 10, fetching: true)
            stage.handle(.fetched(identity: quick.peer.identity))
        }
        #expect((60...70).contains(told), "\(told) s")
    }
}
