import Foundation
import GRDB
import MAEDomain
import MAEVerify
import TestSupport
import Testing

@testable import MAEStore

@Suite("Runs in the store")
struct RunTests {
    let folder: TemporaryDirectory
    let store: Store

    init() throws {
        folder = try TemporaryDirectory()
        store = try Store(directory: folder.path)
    }

    @Test("a run comes back with its plan, its beginning and its end")
    func run() throws {
        try store.begin(Example.plan(), shards: Example.shards(), at: .at(0))
        #expect(try store.run("night-1") == RunRecord(plan: Example.plan(), started: .at(0), ending: nil))
        try store.record(Example.judgement(), run: "night-1", at: .at(90))
        #expect(
            try store.run("night-1").ending == RunEnding(time: .at(90), verdict: "nothing-compared", exitCode: 3))
    }

    @Test("a name is used for one run, and an unknown one is named in the error")
    func names() throws {
        try store.begin(Example.plan(), shards: [], at: .at(0))
        let twice = #expect(throws: StoreError.self) { try store.begin(Example.plan(), shards: [], at: .at(1)) }
        #expect(twice?.code == .duplicate)
        let unknown = #expect(throws: StoreError.self) { try store.run("night-2") }
        #expect(unknown?.code == .unknownRun)
        #expect(unknown?.message.contains("night-2") == true)
    }

    @Test("the history gives the latest runs first, with what trends are drawn from")
    func history() throws {
        for night in 1...5 {
            let name = "night-\(night)"
            try store.begin(Example.plan(name), shards: Example.shards(), at: .at(Double(night) * 86400))
            try store.record(
                Example.changes(results: (0..<night - 1).map { Example.result(shard: $0) }), run: name)
            guard night < 5 else { continue }
            try store.record(Example.judgement(name), run: name, at: .at(Double(night) * 86400 + 60))
        }
        let history = try store.history(limit: 3)
        #expect(history.map(\.run) == ["night-5", "night-4", "night-3"])
        #expect(history.map(\.results) == [4, 3, 2])
        #expect(history.map(\.seconds) == [nil, 60, 60])
        #expect(history.first?.meanForwardSeconds == 1.5)
        #expect(history.first?.nodes == 1)
        #expect(try store.history(limit: -1) == [])
        #expect(try store.history(limit: 100).last?.meanLoadSeconds == nil)
    }

    @Test("the means of a run are of its own results, without the one image that it drew for itself")
    func means() throws {
        for night in 1...2 {
            var plan = Example.plan("night-\(night)")
            plan.freshSeed = 7
            try store.begin(plan, shards: Example.shards(plan.batches + 1), at: .at(Double(night)))
            let results = (0..<6).map { shard in
                var observation = Example.result(shard: shard).observation
                let isOwn = observation.batch.index == plan.freshBatch
                observation.seconds = StageSeconds(load: 1, input: 0, forward: isOwn ? 0.25 : Double(night))
                return ResultRecord(shard: shard, observation: observation, received: .at(Double(night)))
            }
            try store.record(Example.changes(results: results), run: plan.run)
        }
        let history = try store.history(limit: 9)
        #expect(history.map(\.meanForwardSeconds) == [2, 1] && history.map(\.results) == [6, 6])
        #expect(try store.history(limit: 1).map(\.run) == ["night-2"])
    }

    @Test("old runs go with all that nothing else refers to, and what is kept is as it was")
    func pruning() throws {
        for night in 1...4 {
            let name = "night-\(night)"
            try store.begin(Example.plan(name), shards: Example.shards(), at: .at(Double(night)))
            try store.record(
                Example.changes(results: [
                    Example.result(layernorm: night < 3, examined: night == 3), Example.result(shard: 1),
                ]), run: name)
            try store.record(Example.judgement(name), run: name, at: .at(9))
        }
        let kept = try store.results(of: "night-4").map(\.shard)
        // What a crash left, in a folder of tensors that only old runs name.
        let tensors = store.directory + "/tensors"
        let left = "/\(String(repeating: "b", count: 64)).left.part"
        _ = FileManager.default.createFile(atPath: tensors + left, contents: nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: tensors).count == 4)
        #expect(try store.prune(keeping: 4) == [])
        let size = try FileManager.default.attributesOfItem(atPath: store.directory + "/mae.sqlite")[.size] as? Int
        #expect(try FileManager.default.contentsOfDirectory(atPath: tensors).count == 3)
        #expect(try store.prune(keeping: 2) == ["night-2", "night-1"])
        // What a node found on looking closely: values and states.
        #expect(try FileManager.default.contentsOfDirectory(atPath: tensors).count == 2)
        #expect(try store.prune(keeping: 1) == ["night-3"])
        #expect(try store.history(limit: 9).map(\.run) == ["night-4"])
        #expect(try store.results(of: "night-4").map(\.shard) == kept)
        #expect(try FileManager.default.contentsOfDirectory(atPath: tensors).isEmpty)
        let after = try FileManager.default.attributesOfItem(atPath: store.directory + "/mae.sqlite")[.size] as? Int
        #expect(try #require(after) <= #require(size))
        let rows = ["results": 2, "nodes": 1, "shards": 4, "judgements": 1, "contexts": 2, "manifests": 1]
        for (table, count) in rows {
            #expect(try store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") } == count, "\(table)")
        }
        // What is remembered of the database is what is in it.
        let own = ["notes.txt", "\(String(repeating: "a", count: 64)).left.part"]
        try FileManager.default.createDirectory(atPath: tensors, withIntermediateDirectories: true)
        for name in own { try Data([1]).write(to: URL(fileURLWithPath: "\(tensors)/\(name)")) }
        #expect(try store.prune(keeping: 0) == ["night-4"])
        let others = try FileManager.default.contentsOfDirectory(atPath: tensors)
        #expect(others == ["notes.txt"], "\(others)")
        try store.begin(Example.plan("again"), shards: Example.shards(), at: .at(9))
        try store.record(Example.changes(results: [Example.result(layernorm: true)]), run: "again")
        #expect(try store.results(of: "again").first?.observation.layernorm != nil)
    }

    @Test("pruning keeps the files of tensors while a result does not say which are its own")
    func pruningDamaged() throws {
        for name in ["first", "second"] {
            try store.begin(Example.plan(name), shards: Example.shards(), at: .at(name == "first" ? 1 : 2))
            try store.record(Example.changes(results: [Example.result(examined: true)]), run: name)
        }
        let tensors = store.directory + "/tensors"
        let files = try FileManager.default.contentsOfDirectory(atPath: tensors).sorted()
        #expect(!files.isEmpty)
        try store.write { try $0.execute(sql: "UPDATE results SET details = x'00'") }
        #expect(try store.prune(keeping: 1) == ["first"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: tensors).sorted() == files)
        #expect(try store.prune(keeping: 0) == ["second"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: tensors).isEmpty)
    }

    @Test("a run is carried on from its shards and results, and each time counts as a start")
    func resume() throws {
        try store.begin(Example.plan(), shards: Example.shards(), at: .at(0))
        var changes = Changes()
        changes.nodes = [Example.node("n1"), Example.node("n2")]
        changes.shards = [
            ShardRecord(shard: 4, method: "full", batch: 0, placement: .node("n2: the second")),
            ShardRecord(shard: 5, method: "full", batch: 0, placement: .overlap(3)),
        ]
        changes.results = [Example.result(shard: 0, node: "n2")]
        try store.record(changes, run: "night-1")
        let resumption = try store.resume("night-1")
        #expect(resumption.plan == Example.plan())
        #expect(resumption.shards == Example.shards() + changes.shards)
        #expect(resumption.nodes == ["n1", "n2"], "n1 joined first, n2 has the first result")
        #expect(resumption.stored == [.init(shard: 0, node: "n2")])
        #expect(resumption.start == 2)
        #expect(try store.resume("night-1").start == 3)
    }

    @Test("a node that comes back as something else is recorded as it is now")
    func nodes() throws {
        try store.begin(Example.plan(), shards: Example.shards(), at: .at(0))
        for threads in [2, 8] {
            var changes = Changes()
            changes.nodes = [Example.node("n1", threads: threads)]
            try store.record(changes, run: "night-1")
        }
        #expect(try store.history(limit: 1).first?.nodes == 1)
        #expect(try store.read { try Int.fetchOne($0, sql: "SELECT threads FROM nodes") } == 8)
    }

    @Test("the last ending among runs of a kind is found, others and unfinished runs are passed over")
    func lastEndingOfKind() throws {
        let folder = try TemporaryDirectory()
        let store = try Store(directory: folder.path)
        for (number, name) in ["night-1", "day-1", "night-2", "night-3"].enumerated() {
            try store.begin(Example.plan(name), shards: Example.shards(), at: .at(Double(number)))
        }
        func isNight(_ plan: RunPlan) -> Bool { plan.run.hasPrefix("night") }
        #expect(try store.lastEnding(where: isNight) == nil)
        for (number, name) in ["night-2", "night-1", "day-1"].enumerated() {
            let verification = Verification(plan: Example.plan(name), observations: [])
            try store.record(
                Judgement(verification, details: ReportDetails()), run: name, at: .at(Double(10 + number)))
        }
        #expect(try store.lastEnding(where: isNight)?.time == .at(11))
        #expect(try store.lastEnding(where: { $0.run == "night-2" })?.time == .at(10))
        #expect(try store.lastEnding(among: 1, where: isNight) == nil)
    }
}
