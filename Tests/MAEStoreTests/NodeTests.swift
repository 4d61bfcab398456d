import Foundation
import GRDB
import MAEDomain
import MAEVerify
import TestSupport
import Testing

@testable import MAEStore

@Suite("Nodes in the store")
struct NodeTests {
    let folder: TemporaryDirectory
    let store: Store

    init() throws {
        folder = try TemporaryDirectory()
        store = try Store(directory: folder.path)
        try store.begin(Example.plan(batches: 4), shards: Example.shards(4), at: .at(0))
    }

    private func record(_ change: (inout Changes) -> Void) throws {
        var changes = Changes()
        change(&changes)
        try store.record(changes, run: "night-1")
    }

    @Test("the last status of each node is kept, with why it is in its class")
    func statuses() throws {
        var identity = Example.node("n1")
        identity.classReason = "its known answers match"
        identity.machine = MachineFacts(
            [.init(.microcode, "0xa101148"), .init(variable: "OMP_NUM_THREADS", "4")].compactMap(\.self))
        try record { $0.nodes = [identity, Example.node("n2")] }
        #expect(try store.nodes(of: "night-1").map(\.status) == [nil, nil])
        let running = NodeStatus(
            state: .present, heard: .at(5), jobs: 2, job: NodeStatus.Job(method: "full", batch: 3))
        let lost = NodeStatus(state: .lost, cause: "nothing was heard of it", heard: .at(1))
        try record { $0.statuses = ["n1": running, "n2": NodeStatus(state: .present), "n3": lost] }
        try record { $0.statuses = ["n2": lost] }
        let nodes = try store.nodes(of: "night-1")
        #expect(nodes.map(\.identity.name) == ["n1", "n2"])
        #expect(nodes.map(\.status) == [running, lost])
        #expect(nodes[0].identity == identity)
        #expect(nodes[1].identity.classReason == nil && nodes[1].identity.machine == nil)
    }

    @Test("a node whose bytes changed on the disk is told, and one that introduces itself again is whole")
    func changedBytes() throws {
        try record { $0.nodes = [Example.node("n1")] }
        try store.write { try $0.execute(sql: "UPDATE nodes SET host = 'elsewhere'") }
        let error = #expect(throws: StoreError.self) { try store.nodes(of: "night-1") }
        #expect(error?.code == .damaged && error?.message.hasPrefix("node n1 is not what was stored") == true)
        try record { $0.nodes = [Example.node("n1")] }
        try record { $0.statuses = ["n1": NodeStatus(state: .present, heard: .at(5), jobs: 1)] }
        #expect(try store.nodes(of: "night-1").map(\.identity) == [Example.node("n1")])
    }

    @Test("what is posted later goes before what waits")
    func appended() {
        var changes = Changes()
        #expect(changes.isEmpty)
        changes.statuses = ["n1": NodeStatus(state: .present), "n2": NodeStatus(state: .present)]
        var later = Changes()
        later.statuses = ["n1": NodeStatus(state: .left)]
        later.alive = .at(3)
        #expect(!later.isEmpty)
        changes.append(later)
        changes.append(Changes())
        #expect(changes.statuses.mapValues(\.state) == ["n1": .left, "n2": .present])
        #expect(changes.alive == .at(3))
    }

    @Test("speed comes from the time that results took, and is absent where they name none")
    func speed() throws {
        func result(_ shard: Int, _ node: String, _ seconds: StageSeconds) -> ResultRecord {
            var observation = Example.result(shard: shard, node: node).observation
            observation.seconds = seconds
            return ResultRecord(shard: shard, observation: observation, received: .at(1))
        }
        try record {
            $0.nodes = [Example.node("n3")]
            $0.results = [
                result(0, "n1", StageSeconds(load: 1, input: 0.5, forward: 0.5)),
                result(1, "n1", StageSeconds(load: 0, input: 0.5, forward: 1.5)),
                result(0, "n2", StageSeconds(load: .nan, input: 0, forward: 1)),
            ]
        }
        let nodes = try store.nodes(of: "night-1")
        #expect(nodes.map(\.results) == [2, 1, 0])
        // Two results of two images in four seconds.
        #expect(nodes.map(\.imagesPerSecond) == [1, nil, nil])
    }

    @Test("the run worked on last is the one whose coordinator spoke last")
    func latest() throws {
        try store.begin(Example.plan("night-2"), shards: [], at: .at(100))
        #expect(try store.latestRun() == "night-2")
        try record { $0.alive = .at(200) }
        #expect(try store.latestRun() == "night-1")
        #expect(try store.run("night-1").alive == .at(200))
        #expect(try store.run("night-2").alive == nil)
    }

    @Test("an order is left beside the writer, who reads it, and holds until it is taken back")
    func drains() throws {
        do {
            let operating = try Store(directory: folder.path, access: .ordering)
            #expect(try operating.drain("n2", at: .at(1)))
            #expect(try operating.drain("n1", at: .at(2)))
            #expect(try !operating.drain("n2", at: .at(3)))
        }
        let orders = [DrainOrder(node: "n1", since: .at(2)), DrainOrder(node: "n2", since: .at(1))]
        #expect(try store.drainOrders() == orders)
        try record { $0.results = [Example.result()] }
        let operating = try Store(directory: folder.path, access: .ordering)
        #expect(try operating.undrain("n1"))
        #expect(try !operating.undrain("n1"))
        #expect(try store.drainOrders().map(\.node) == ["n2"])
    }

    @Test("orders are left in a store that is there, and nowhere else")
    func ordering() throws {
        let nowhere = #expect(throws: StoreError.self) {
            try Store(directory: folder.file("nowhere"), access: .ordering)
        }
        #expect(nowhere?.code == .inaccessible)
    }
}
