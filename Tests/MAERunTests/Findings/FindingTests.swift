import Foundation
import Glibc
import MAEDomain
import MAEReport
import MAERun
import MAEStore
import MAEVerify
import Synchronization
import Testing

@Suite("Each finding, from real workers to every report", .serialized)
struct FindingTests {
    private static let cases =
        FindingCase.causes + FindingCase.outliers + FindingCase.harmless + FindingCase.gaps
        + FindingCase.referee + FindingCase.witness

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
        if let remedy = expected.remedy { #expect(finding.remedy == remedy) }
        if let nodes = expected.nodes { #expect(Set(finding.cells.map(\.node)) == nodes) }
        if let suspects = expected.suspects { try expect(suspects, of: judgement) }
        if let methods = expected.methods { #expect(Set(finding.cells.map(\.method)) == methods) }
        let others = Set(findings.filter { $0.severity > .note && $0.code != expected.code }.map(\.code))
        #expect(others.subtracting(Self.ofEveryRun) == expected.alongside, "\(told)")
        if expected.severity == .error {
            #expect(findings.count { $0.code == expected.code } == 1, "\(told)")
        }

        for name in judgement.details.drainedNodes { expectDrained(name, in: judgement) }
        try RenderedFinding(verification: judgement.verification, details: judgement.details).expect(finding)
        #expect(course.result.storeFailure == nil)
        #expect(try site.store.judgement(of: plan.run).verification.findings == findings)
    }

    /// Expects that every report names a node that was told to drain.
    private func expectDrained(_ name: String, in judgement: Judgement) {
        let (verification, details) = (judgement.verification, judgement.details)
        #expect(TerminalReport.render(verification, details: details).contains("told to drain: \(name)"))
        #expect(HTMLReport.render(verification, details: details).contains("told to drain: \(name)"))
        #expect(JUnitReport.render(verification).contains("<property name=\"drained\" value=\"\(name)\"/>"))
    }

    /// Expects that all results of these nodes are marked, and no others.
    private func expect(_ suspects: Set<String>, of judgement: Judgement) throws {
        struct Document: Decodable {
            struct Cell: Decodable {
                let node: String
                let suspect: Bool
            }
            let suspect_nodes: [String]
            let cells: [Cell]
        }
        let (verification, details) = (judgement.verification, judgement.details)
        let json = try JSONReport.render(verification, details: details)
        let document = try JSONDecoder().decode(Document.self, from: Data(json.utf8))
        #expect(Set(document.suspect_nodes) == suspects)
        #expect(document.cells.allSatisfy { $0.suspect == suspects.contains($0.node) })
        let legend = "* of a node found to compute wrongly"
        for text in [
            TerminalReport.render(verification, details: details), HTMLReport.render(verification, details: details),
        ] { #expect(text.contains(legend) == !suspects.isEmpty, "\(text)") }
        let junit = JUnitReport.render(verification)
        let marks = suspects.map { "<property name=\"suspect\" value=\"\($0)\"/>" }
        #expect(junit.components(separatedBy: "name=\"suspect\"").count - 1 == marks.count)
        for mark in marks { #expect(junit.contains(mark), "\(junit)") }
    }

    @Test("every code of a verification has such a run, and a line in the documentation")
    func coverage() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let codes = FindingCode.allCases.filter { !$0.isOfExplainAlone }.map(\.rawValue)
        let tested = Set(Self.cases.map(\.code)).union(BaselineRunTests.codes.map(\.rawValue))
        // What a reader of checkpoints noticed comes with a code of its own behind a prefix, all of them by one rule.
        #expect(Set(codes) == tested.filter { !$0.hasPrefix("load-") })
        #expect(tested.contains { $0.hasPrefix("load-") })
        let documented = try String(
            contentsOf: root.appendingPathComponent("docs/verdict.md"), encoding: .utf8)
        for code in codes { #expect(documented.contains("`\(code)`"), "\(code)") }
    }
}
