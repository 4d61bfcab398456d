@testable import MAECluster
import MAEDomain
import Testing

@Suite("Membership")
struct MembershipTests {
    @Test("a Hello is answered with a Welcome that names a session and the times to keep")
    func hello() throws {
        var stage = Stage(workers: 1, shards: [])
        let a = try stage.join("a")
        let times = Welcome(heartbeatInterval: .seconds(1), silenceTimeout: .seconds(10))
        #expect(stage.sent(to: a).first == .welcome(a.session, times))
    }

    @Test("a message of a stranger is answered with the request to say Hello")
    func stranger() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        let a = try Stand("a")
        stage.handle(a.says(.heartbeat(nil)))
        #expect(stage.sent(to: a) == [.reject(.unknownWorker)])
    }

    @Test("a session counts only from the connection and incarnation it was given to")
    func foreignSession() throws {
        var stage = Stage(workers: 2, shards: makeShards())
        let a = try stage.join("a")
        var thief = try Stand("thief")
        thief.session = a.session
        stage.handle(thief.says(.goodbye))
        #expect(stage.sent(to: thief) == [.reject(.unknownWorker)])
        #expect(stage.held(by: a).count == 1)
    }

    @Test("the same process over a new connection keeps its session, and gets its jobs once more")
    func reconnection() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        let a = try stage.join("a")
        var again = a
        again.peer = Peer(route: [9])
        stage.handle(again.greeting)
        guard case .welcome(let session, _) = stage.sent(to: again).first else { throw Missing() }
        #expect(session == a.session)
        let job = Job(lease: try #require(stage.held(by: a).first), shard: makeShards()[0])
        #expect(stage.sent(to: again).last == .job(job))
    }

    @Test("a second process cannot take the name of a live node")
    func twin() throws {
        var stage = Stage(workers: 2, shards: makeShards())
        let a = try stage.join("a", incarnation: 1)
        stage.wait(2)
        let twin = try Stand("a", incarnation: 2)
        stage.handle(twin.greeting)
        #expect(stage.sent(to: twin) == [.reject(.nameTaken(retryAfter: .seconds(1)))])
        #expect(stage.held(by: a).count == 1)
    }

    @Test("nobody reconnects as a node whose key he does not have")
    func foreignKey() throws {
        var stage = Stage(workers: 2, shards: makeShards())
        try stage.join("a", incarnation: 1, identity: [1])
        var thief = try Stand("a", incarnation: 1, identity: [2])
        thief.peer = Peer(route: [7], identity: [2])
        stage.handle(thief.greeting)
        #expect(stage.sent(to: thief) == [.reject(.nameTaken(retryAfter: .seconds(3)))])
    }

    @Test("a node that was started again supersedes its older incarnation, in its slot")
    func restart() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        let old = try stage.join("a", incarnation: 1)
        stage.wait(3)
        let new = try stage.join("a", incarnation: 2)
        #expect(new.session != old.session)
        #expect(stage.notices.contains(.lost(old.node, .superseded)))
        #expect(stage.notices.contains(.returned(new.node, NoIntroduction(), slot: 0, takingOver: nil)))
        #expect(stage.held(by: new).map(\.epoch) == [Epoch(rawValue: 2)])
        stage.handle(old.says(.heartbeat(nil)))
        #expect(stage.sent(to: old).last == .reject(.unknownWorker))
    }

    @Test("a node that says nothing is lost, and its session with it")
    func silence() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        let a = try stage.join("a")
        stage.wait(9)
        #expect(!stage.notices.contains(.lost(a.node, .silent)))
        stage.wait(1)
        #expect(stage.notices.contains(.lost(a.node, .silent)))
        stage.handle(a.says(.heartbeat(nil)))
        #expect(stage.sent(to: a).last == .reject(.unknownWorker))
    }

    @Test("a coordinator whose machine was suspended holds that time against nobody, nor against what they run")
    func suspended() throws {
        var stage = Stage(workers: 2, shards: makeShards())
        let a = try stage.join("a")
        let b = try stage.join("b")
        stage.wait(5, alive: [a, b])
        stage.now = stage.now + .seconds(100)
        stage.handle(a.says(.heartbeat(nil)))
        stage.handle(b.says(.heartbeat(nil)))
        #expect(!stage.notices.contains { if case .lost = $0 { true } else { false } })
        #expect(!stage.notices.contains { if case .revoked = $0 { true } else { false } })
        stage.wait(10, alive: [b])
        #expect(stage.notices.contains(.lost(a.node, .silent)), "who stays silent is lost all the same")
        #expect(!stage.notices.contains(.lost(b.node, .silent)))
    }

    @Test("nor a time that is hardly longer than the silence after which a node is lost")
    func suspendedShortly() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        let a = try stage.join("a")
        stage.wait(1, alive: [a])
        stage.now = stage.now + .seconds(11)
        stage.handle(.tick)
        stage.handle(a.says(.heartbeat(nil)))
        #expect(!stage.notices.contains { if case .lost = $0 { true } else { false } })
    }

    @Test("a Goodbye frees the jobs of a node and blames it for none")
    func goodbye() throws {
        var stage = Stage(workers: 1, shards: makeShards())
        for incarnation in 1...5 {
            let a = try stage.join("a", incarnation: UInt64(incarnation))
            #expect(stage.held(by: a).count == 1)
            stage.handle(a.says(.goodbye))
        }
        #expect(stage.settled == nil)
    }

    @Test("a flood of Hellos is answered once with a refusal, then ignored until the window is over")
    func flood() throws {
        var policy = Stage.policy
        policy.hellosPerPeer = 3
        policy.helloWindow = .seconds(5)
        var stage = Stage(workers: 1, shards: [], policy: policy)
        let a = try stage.join("a")
        for _ in 0..<50 { stage.handle(a.greeting) }
        #expect(stage.sent(to: a).count == 4)
        #expect(stage.sent(to: a).last == .reject(.tooManyHellos(retryAfter: .seconds(5))))
        stage.wait(5)
        #expect(stage.handle(a.greeting).count > 0)
    }

    @Test("a flood from ever new connections is bounded in answers and in memory")
    func manyPeers() throws {
        var policy = Stage.policy
        policy.hellosInAll = 10
        var stage = Stage(workers: 1, shards: [], policy: policy)
        for route in 0..<1000 {
            stage.handle(
                .received(
                    .said(.goodbye, session: SessionID(rawValue: 1), incarnation: Incarnation(rawValue: 1)),
                    from: Peer(route: Array("\(route)".utf8))))
        }
        #expect(stage.log.count { if case .send = $0 { true } else { false } } == 10)
    }

    @Test("Hellos of one key count together, over whatever connections they come")
    func manyConnections() throws {
        var policy = Stage.policy
        policy.hellosPerPeer = 3
        var stage = Stage(workers: 1, shards: makeShards(), policy: policy)
        func knock(_ route: Int, _ key: UInt8) -> Int {
            stage.handle(
                .received(
                    .said(.goodbye, session: SessionID(rawValue: 1), incarnation: Incarnation(rawValue: 1)),
                    from: Peer(route: Array("\(route)".utf8), identity: [key]))
            ).count
        }
        let answers = (0..<50).map { knock($0, 1) }
        #expect(answers.reduce(0, +) == 4)
        #expect(knock(50, 2) == 1)
    }

    @Test("no more names are taken in than the policy allows")
    func full() throws {
        var policy = Stage.policy
        policy.maximumNodes = 1
        var stage = Stage(workers: 1, shards: [], policy: policy)
        try stage.join("a")
        let b = try Stand("b")
        stage.handle(b.greeting)
        #expect(stage.sent(to: b) == [.reject(.clusterFull)])
    }

    @Test("a name is short and printable", arguments: ["", "a\u{1B}[2J", "tab\t", String(repeating: "x", count: 65)])
    func badName(name: String) {
        #expect(NodeID(name) == nil)
    }

    struct Missing: Error {}
}
