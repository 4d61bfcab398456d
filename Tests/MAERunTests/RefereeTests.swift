import MAEDomain
import MAEVerify
import TestSupport
import Testing

@testable import MAERun
@testable import VerifyTestSupport

@Suite("Answers are not believed", .serialized)
struct RefereeTests {
    private func plan(_ name: String, fresh: UInt64?) -> RunPlan {
        var plan = RunPlan(run: name, seed: 42, batches: 2, batchSize: 2, methods: RunSite.methods, workers: 2)
        plan.freshSeed = fresh
        return plan
    }

    @Test("two nodes that hand in last night's results agree with each other, and are found out", arguments: [nil, 2])
    func replay(replicas: Int?) throws {
        let site = try RunSite()
        let answers = RecordedAnswers()
        let engine = try InProcessWorkers.engine()
        let first = try site.carryOut(
            PlannedRun(plan("first", fresh: 11)),
            runner: { _ in RecordingRunner(engine: try InProcessWorkers.engine(), answers: answers) })
        #expect(first.result.judgement.verification.verdict.outcome == .agree)
        #expect(first.result.judgement.verification.comparison.referee.checks.count == 8)

        let replaying: @Sendable (String) throws -> ReplayingRunner = { name in
            ReplayingRunner(introduced: engine.identity(name: name, host: ""), answers: answers)
        }
        // Without a batch of its own the run sees nothing.
        let blind = try site.carryOut(PlannedRun(plan("blind", fresh: nil)), runner: replaying)
        #expect(blind.result.judgement.verification.verdict.outcome == .agree)

        var second = plan("second", fresh: 12)
        second.replicas = replicas
        let found = try site.carryOut(PlannedRun(second), runner: replaying).result.judgement.verification
        #expect(found.verdict.outcome == .disagree)
        let finding = try #require(found.findings.first { $0.has(.wrongAnswer) })
        #expect(Set(finding.cells.map(\.node)) == ["a", "b"])
        #expect(finding.evidence.first?.contains("drawn by lot, is right") ?? false, "\(finding.evidence)")
        #expect(
            try site.store.judgement(of: "second").verification.comparison.referee.checks
                == found.comparison.referee.checks)
    }

    @Test("nodes that share the batches out are asked last, and their answers are set against this machine's")
    func sharedOut() throws {
        let site = try RunSite()
        var plan = RunPlan(run: "night", seed: 42, batches: 3, batchSize: 2, methods: RunSite.methods, workers: 3)
        (plan.freshSeed, plan.replicas) = (11, 2)
        let course = try site.carryOut(PlannedRun(plan), nodes: ["a", "b", "c"])
        let comparison = course.result.judgement.verification.comparison
        #expect(course.result.judgement.verification.verdict.outcome == .agree)
        // One answer by each method of each node, and two to the batch that was drawn by lot.
        #expect(comparison.referee.checks.count == 11 && comparison.referee.unanswered.isEmpty)
        let allSame = comparison.referee.checks.allSatisfy { $0.relation == .identical && $0.standard == .thisMachine }
        #expect(allSame && comparison.cells.count == 18)
        let checking = course.events.contains {
            if case .progress(let now) = $0 { now.phase == .checking && now.isFollowingUp } else { false }
        }
        #expect(checking)
    }

    @Test("a class that lies further off than the tolerance is set against double precision")
    func float64() throws {
        let site = try RunSite()
        let faults = [
            Fault.output { $0 + 0.5 }.on("b"), Fault(introduces: { $0.numericClass = "other" }).on("b"),
        ]
        let found = try site.carryOut(
            PlannedRun(plan("night", fresh: 11)),
            runner: { FaultyRunner(try InProcessWorkers.engine(), node: $0, faults: faults) }
        ).result.judgement.verification
        let finding = try #require(found.findings.first { $0.has(.classGap) })
        #expect(finding.sentence.hasSuffix("Set against float64, other is wrong."), "\(finding)")
        let check = try #require(found.comparison.referee.float64.first)
        #expect(found.comparison.referee.float64.count == 1 && check.wrong == check.right)
        #expect(check.left.maximum < 1e-5 && (0.4...0.6).contains(check.right.maximum))
        let stored = try site.store.judgement(of: "night").verification
        #expect(stored.comparison.referee.float64 == [check] && stored.findings == found.findings)
    }

    @Test("a dispute about other weights than this machine has is left open")
    func otherWeights() throws {
        let site = try RunSite()
        let course = try site.carryOut(PlannedRun(plan("night", fresh: 11)))
        let comparison = course.result.judgement.verification.comparison
        var cells = Array(comparison.cells.prefix(2))
        let question = Float64Question(left: cells[0].cell, right: cells[1].cell, image: 0)
        let referee = Float64Referee(plan: comparison.plan, noise: nil) { _, _ in nil }
        #expect(referee.answers(to: [question], about: cells, StepControl()).map(\.question) == [question])
        cells[0].weights.digest = .of("those of the node")
        #expect(referee.answers(to: [question], about: cells, StepControl()).isEmpty)
    }

    @Test("a run that is carried on keeps its batch, and what was answered to it")
    func carriedOn() throws {
        let site = try RunSite()
        let first = try site.carryOut(PlannedRun(plan("night", fresh: 11)))
        let record = try site.store.run("night")
        #expect(record.plan.freshSeed == 11)
        let results = try site.store.results(of: "night").count
        let second = try site.carryOut(PlannedRun(resuming: record), nodes: [])
        #expect(second.result.judgement.verification.verdict == first.result.judgement.verification.verdict)
        #expect(try site.store.results(of: "night").count == results)
    }
}
