import Foundation
import GRDB
import MAEReport
import MAEVerify
import TestSupport
import Testing

@testable import MAEStore
@testable import VerifyTestSupport

@Suite("Judgements in the store")
struct JudgementTests {
    let folder: TemporaryDirectory
    let store: Store
    private let judgement = Judgement(EventfulRun.verification, details: EventfulRun.details)

    init() throws {
        folder = try TemporaryDirectory()
        store = try Store(directory: folder.path)
        let observations = EventfulRun.observations
        try store.begin(
            EventfulRun.plan,
            shards: observations.enumerated().map {
                ShardRecord(shard: $0, method: $1.method.label, batch: $1.batch.index)
            }, at: .at(0))
        try store.record(
            Example.changes(
                results: observations.enumerated().map { ResultRecord(shard: $0, observation: $1, received: .at(1)) }),
            run: "run-1")
    }

    private func everyReport(_ judgement: Judgement) throws -> [String] {
        let (verification, details) = (judgement.verification, judgement.details)
        return [
            try JSONReport.render(verification, details: details), JUnitReport.render(verification),
            HTMLReport.render(verification, details: details), TerminalReport.render(verification, details: details),
        ]
    }

    @Test("all reports of a judgement that was stored are those of the judgement itself")
    func reports() throws {
        let early = #expect(throws: StoreError.self) { try store.judgement(of: "run-1") }
        #expect(early?.code == .notJudged)
        try store.record(judgement, run: "run-1", at: .at(2))
        let read = try Store(directory: folder.path, access: .reading).judgement(of: "run-1")
        #expect(try everyReport(read) == everyReport(judgement))
        let (then, now) = (judgement.verification, read.verification)
        #expect(now.verdict == then.verdict)
        #expect(now.findings == then.findings)
        // As text: a NaN among the values is not equal to itself.
        #expect("\(now.comparison.pairs)" == "\(then.comparison.pairs)")
        #expect(now.comparison.reruns == then.comparison.reruns)
        #expect(now.comparison.copies == then.comparison.copies)
    }

    @Test("what came of a baseline is told by every report that was stored")
    func baseline() throws {
        var details = EventfulRun.details
        details.baseline = BaselineSummary(file: "base.json", run: "run-0", held: 3, changed: 1, unchecked: 2)
        let judgement = Judgement(EventfulRun.verification, details: details)
        try store.record(judgement, run: "run-1", at: .at(2))
        let reports = try everyReport(store.judgement(of: "run-1"))
        #expect(try reports == everyReport(judgement))
        let words =
            "3 of 4 results to pinned batches have the bits of run run-0 (base.json); 2 more have no place in it"
        for index in [2, 3] {
            let text = reports[index].replacing("\n  ", with: " ")
            #expect(text.contains("baseline: \(words)"), "\(text)")
        }
        #expect(reports[0].contains("\"changed\": 1,"))
    }

    @Test("a later judgement takes the place of an earlier one, and the list of runs tells the last")
    func again() throws {
        try store.record(judgement, run: "run-1", at: .at(2))
        #expect(try store.history(limit: 1).first?.findings == EventfulRun.verification.findings.count)
        let later = Judgement(Verification(plan: EventfulRun.plan, observations: []), details: ReportDetails())
        try store.record(later, run: "run-1", at: .at(3))
        #expect(try everyReport(store.judgement(of: "run-1")) == everyReport(later))
        #expect(try store.run("run-1").ending?.verdict == "nothing-compared")
        #expect(try store.history(limit: 1).first?.seconds == 3)
        #expect(throws: StoreError.self) { try store.record(later, run: "run-2", at: .at(3)) }
    }

    @Test("a judgement whose bytes changed on the disk is said to be that")
    func changed() throws {
        try store.record(judgement, run: "run-1", at: .at(2))
        try store.write { database in
            let content = try #require(try Data.fetchOne(database, sql: "SELECT content FROM judgements"))
            // Another digit: the document can still be read.
            let place = try #require(content.lastIndex { (0x30...0x38).contains($0) })
            var other = content
            other[place] ^= 1
            try database.execute(sql: "UPDATE judgements SET content = ?", arguments: [other])
        }
        let error = #expect(throws: StoreError.self) { try store.judgement(of: "run-1") }
        #expect(error?.code == .damaged)
        #expect(error?.message.hasPrefix("the judgement of run run-1 is not what was stored") == true)
    }

    @Test("a judgement stays as it was when more results come in")
    func moreResults() throws {
        try store.record(judgement, run: "run-1", at: .at(2))
        var changes = Changes()
        changes.shards = [ShardRecord(shard: 99, method: "full", batch: 1)]
        var late = EventfulRun.observations[0]
        (late.batch.index, late.method) = (1, EventfulRun.plan.methods[1])
        changes.results = [ResultRecord(shard: 99, observation: late, received: .at(3))]
        try store.record(changes, run: "run-1")
        #expect(try everyReport(store.judgement(of: "run-1")) == everyReport(judgement))
    }

    @Test("a judgement of another version is refused by name, and a damaged one is said to be damaged")
    func otherVersions() throws {
        try store.record(judgement, run: "run-1", at: .at(2))
        func replace(_ old: String, _ new: String) throws -> StoreError? {
            let content = try #require(
                try store.read { try String.fetchOne($0, sql: "SELECT CAST(content AS TEXT) FROM judgements") })
            try store.write {
                try $0.execute(
                    sql: "UPDATE judgements SET content = ?, checksum = NULL",
                    arguments: [Data(content.replacing(old, with: new).utf8)])
            }
            return #expect(throws: StoreError.self) { try store.judgement(of: "run-1") }
        }
        let damage = try replace("\"time-limit\"", "\"bored\"")
        #expect(damage?.code == .damaged)
        let newer = try replace("\"version\":1", "\"version\":2")
        #expect(newer?.code == .newerVersion)
        #expect(newer?.message.contains("the judgement of run run-1") == true)
    }
}
