import Foundation
import MAEDomain
import MAEReport
import MAERun
import MAEStore
import MAEVerify
import Testing

@Suite("A run with PyTorch in it", .serialized)
struct WitnessRunTests {
    private func run(_ site: RunSite, _ faults: [Fault] = [.pyTorch], batches: Int = 2) throws -> Judgement {
        var plan = RunPlan(run: "night", seed: 42, batches: batches, batchSize: 2, methods: RunSite.methods, workers: 3)
        plan.freshSeed = 4711
        return try site.carryOut(
            PlannedRun(plan), nodes: ["a", "b", "c"],
            runner: { FaultyRunner(try InProcessWorkers.engine(), node: $0, faults: faults) }
        ).result.judgement
    }

    @Test("two engines and a witness agree, with the figures in every report, now and from the store")
    func reports() throws {
        struct Document: Decodable {
            struct Witness: Decodable {
                struct Method: Decodable {
                    let method: String
                    let results: Int
                    let agrees: Bool
                    let max, rms: Double
                }
                let node, numeric_class, version, attention, capability: String
                let agrees, equal_bits: Bool
                let max, rms: Double
                let methods: [Method]
            }
            struct Cell: Decodable {
                struct Measured: Decodable { let max, rms: Double }
                let node, status: String
                let measured: Measured?
            }
            struct Referee: Decodable {
                struct Float64: Decodable { let dispute: Bool }
                let float64: [Float64]
            }
            let verdict: String
            let exit_code: Int
            let witnesses: [Witness]
            let cells: [Cell]
            let referee: Referee
        }
        let site = try RunSite()
        let judgement = try run(site)
        for judgement in [judgement, try site.store.judgement(of: "night")] {
            let (verification, details) = (judgement.verification, judgement.details)
            let words = "PyTorch 2.13.0 (witness c) agrees within tolerance: largest difference "
            #expect(verification.verdict.sentence.contains(words))
            let text = TerminalReport.render(verification, details: details)
            #expect(text.hasPrefix("AGREE ") && text.contains("~ within tolerance, by at most so much"))
            let row = text.split(separator: "\n").first { $0.hasPrefix("c ") }
            #expect(
                row?.contains(/torch-2\.13\.0\/sdpa\/avx2\s+~ [0-9.e-]+ 2\/2\s+~ [0-9.e-]+ 2\/2\s+~/) == true, "\(text)"
            )
            let html = HTMLReport.render(verification, details: details)
            #expect(html.contains(words) && html.contains("<td class=\"cell close\">~ "))
            let junit = JUnitReport.render(verification, details: details)
            #expect(junit.contains("<property name=\"witness\" value=\"\(words)"))
            #expect(junit.contains("<system-out>within tolerance: pooled: largest difference "))
            #expect(junit.contains("failures=\"0\" errors=\"0\""))
            let json = try JSONReport.render(verification, details: details)
            let document = try JSONDecoder().decode(Document.self, from: Data(json.utf8))
            #expect(document.verdict == "agree" && document.exit_code == 0)
            let witness = try #require(document.witnesses.first)
            #expect(witness.node == "c" && witness.version == "2.13.0" && witness.attention == "sdpa")
            #expect(witness.agrees && witness.equal_bits && witness.max > 0 && witness.rms > 0)
            #expect(witness.methods.map(\.method) == ["pretrained", "full", "state-dict"])
            #expect(witness.methods.allSatisfy { $0.results == 2 && $0.agrees && $0.max <= witness.max })
            let cells = document.cells.filter { $0.node == "c" }
            #expect(cells.count == 6 && cells.allSatisfy { $0.status == "within tolerance" && $0.measured != nil })
            #expect(document.cells.filter { $0.node != "c" }.allSatisfy { $0.measured == nil })
            #expect(document.referee.float64.map(\.dispute) == [false])
        }
    }

    @Test(
        "a run that is carried on has the same verdict, and a cell of a witness is compared by tolerance on this machine"
    )
    func resumed() throws {
        let site = try RunSite()
        let first = try run(site, batches: 1)
        let record = try site.store.run("night")
        let again = try site.carryOut(PlannedRun(resuming: record), nodes: []).result.judgement
        #expect(again.verification.verdict == first.verification.verdict)
        let replay = try Replay("c/full/0", against: nil, of: "night", in: site.store)
        let report = try replay.run(on: .init(threads: 1)) { _ in }
        #expect(report.agrees && report.firstDifference(0) == nil)
        let text = ReplayText.render(report, command: nil)
        #expect(
            text.contains("c computes in another class: its outputs are within the tolerance, by up to "), "\(text)")
        #expect(text.contains(/vit\.encoder\.layer\.0 +\?/) && text.contains(/pooled +~/), "\(text)")
    }
}
