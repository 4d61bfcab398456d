import Foundation
import Glibc
import MAEDomain
import MAERun
import MAEVerify
import Synchronization
import Testing

@Suite("Each finding, from real workers to every report", .serialized)
struct FindingTests {
    private static let cases =
        FindingCase.causes + FindingCase.outliers + FindingCase.harmless + FindingCase.gaps
        + FindingCase.referee

    /// What every run has to say of the goldens: which releases of transformers read them.
    private static let ofEveryRun: Set<String> = ["load-limited-readers"]

    @Test("what is planted is found, told in every report, and nothing else is blamed", arguments: cases)
    func found(_ expected: FindingCase) throws {
        let site = try RunSite()
        var plan = RunPlan(
            run: "night", seed: 42, batches: 1, batchSize: 2, methods: RunSite.methods,
            workers: expected.workers.count)
        try expected.plan(&plan, site.folder)
        let isInterrupted = Mutex(false)
        let course = try site.carryOut(
            PlannedRun(plan), nodes: expected.workers,
            hearing: { event in
                guard case .progress(let now) = event else { return }
                if now.done == now.total { #expect(throws: Never.self) { try expected.afterResults?(site.folder) } }
                guard now.done == expected.interruptedAfter else { return }
                let isFirst = isInterrupted.withLock { isInterrupted in
                    defer { isInterrupted = true }
                    return !isInterrupted
                }
                if isFirst { raise(SIGUSR1) }
            }, runner: { FaultyRunner(try InProcessWorkers.engine(), node: $0, faults: expected.faults) })
        let judgement = course.result.judgement
        let findings = judgement.verification.findings
        let told = findings.map { "\($0.severity.rawValue) \($0.code): \($0.sentence) \($0.evidence)" }
            .joined(separator: "\n")
        let found = findings.first { $0.code == expected.code && $0.sentence.hasPrefix(expected.sentence) }
        let finding = try #require(found, "\(told)")
        #expect(finding.severity == expected.severity)
        if let evidence = expected.evidence {
            #expect(finding.evidence.contains { $0.contains(evidence) }, "\(finding.evidence)")
        }
        if let nodes = expected.nodes { #expect(Set(finding.cells.map(\.node)) == nodes) }
        if let methods = expected.methods { #expect(Set(finding.cells.map(\.method)) == methods) }
        let others = Set(findings.filter { $0.severity > .note && $0.code != expected.code }.map(\.code))
        #expect(others.subtracting(Self.ofEveryRun) == expected.alongside, "\(told)")
        if expected.severity == .error {
            #expect(findings.count { $0.code == expected.code } == 1, "\(told)")
        }

        try RenderedFinding(verification: judgement.verification, details: judgement.details).expect(finding)
        #expect(course.result.storeFailure == nil)
        #expect(try site.store.judgement(of: plan.run).verification.findings == findings)
    }

    @Test("every code of a verification has such a run, and a line in the documentation")
    func coverage() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let codes = FindingCode.allCases.filter { !$0.isOfExplainAlone }.map(\.rawValue)
        let tested = Set(Self.cases.map(\.code))
        // What a reader of checkpoints noticed comes with a code of its own behind a prefix, all of them by one rule.
        #expect(Set(codes) == tested.filter { !$0.hasPrefix("load-") })
        #expect(tested.contains { $0.hasPrefix("load-") })
        let documented = try String(
            contentsOf: root.appendingPathComponent("docs/verdict.md"), encoding: .utf8)
        for code in codes { #expect(documented.contains("`\(code)`"), "\(code)") }
    }
}
