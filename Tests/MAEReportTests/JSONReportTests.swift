import Foundation
import MAEVerify
import Testing

@testable import MAEReport
@testable import VerifyTestSupport

@Suite("JSON report")
struct JSONReportTests {
    private func object(_ verification: Verification, _ details: ReportDetails = ReportDetails()) throws -> [String:
        Any]
    {
        let text = try JSONReport.render(verification, details: details)
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("every promised field is there under its name")
    func fields() throws {
        let verification = Simulation().verify { cell, work in if cell.node == "n2" { work.outputFault = "x" } }
        let json = try object(
            verification, ReportDetails(versions: ["mae-coord": "1.0"], startedAt: "2026-01-01T00:00:00Z"))
        let keys: Set<String> = [
            "schema", "run", "started_at", "verdict", "exit_code", "sentence", "settings", "versions", "nodes",
            "drained_nodes", "absent_nodes", "lost_nodes", "suspect_nodes", "paces", "idle_nodes", "refused", "ending",
            "methods", "configurations",
            "cells", "pairs", "pairs_total", "pairs_omitted", "reruns", "findings", "failures", "missing",
        ]
        #expect(Set(json.keys) == keys)
        #expect(json["verdict"] as? String == "disagree")
        #expect(json["exit_code"] as? Int == 1)
        let cell = try #require((json["cells"] as? [[String: Any]])?.first)
        #expect(
            Set(cell.keys) == [
                "node", "method", "batch", "seed", "status", "suspect", "mask_ratio", "mask_ratio_from", "noise_policy",
                "noise_draw",
                "weights_sha256", "input_sha256", "noise_sha256", "mask_sha256", "ids_restore_sha256",
                "layernorm_sha256", "returned_sha256", "pooled_sha256", "seconds",
            ])
        #expect((cell["layernorm_sha256"] as? String)?.count == 64)
        let pair = try #require((json["pairs"] as? [[String: Any]])?.first { $0["relation"] as? String == "differs" })
        #expect(pair["stage"] as? String == "layernorm")
        let measured = try #require(pair["measured"] as? [String: Any])
        #expect(Set(measured.keys) == ["of", "elements", "differing", "max", "rms", "required_atol", "place"])
        let settings = try #require(json["settings"] as? [String: Any])
        #expect(Set(settings.keys) == ["seed", "batches", "batch_size", "noise", "atol", "rtol", "workers"])
        let finding = try #require((json["findings"] as? [[String: Any]])?.first)
        #expect(Set(finding.keys) == ["code", "severity", "sentence", "evidence", "remedy", "cells", "replay"])
    }

    @Test("where batches are shared out, the settings say among how many")
    func replicas() throws {
        var simulation = Simulation(nodes: ["n1", "n2", "n3"], batches: 3)
        simulation.blocks = [["n1", "n2"], ["n1", "n3"], ["n2", "n3"]]
        let settings = try #require(try object(simulation.verify())["settings"] as? [String: Any])
        #expect(settings["replicas"] as? Int == 2)
        let text = TerminalReport.render(simulation.verify()).replacing("\n  ", with: " ")
        #expect(text.contains("each batch on 2 of 3 nodes"))
    }

    @Test("infinities and NaN do not break the document")
    func notFinite() throws {
        let verification = Simulation().verify { cell, work in work.notFinite = cell.node == "n2" }
        let pairs = try #require(try object(verification)["pairs"] as? [[String: Any]])
        #expect(pairs.contains { ($0["measured"] as? [String: Any])?["max"] == nil && $0["agrees"] as? Bool == false })
    }

    @Test("too many pairs are cut, disagreeing ones last, and the number is told")
    func manyPairs() throws {
        let verification = Simulation(nodes: (1...60).map { "n\($0)" }).verify { cell, work in
            if cell.node == "n7" { work.outputFault = "x" }
        }
        let json = try object(verification)
        #expect((json["pairs"] as? [Any])?.count == JSONReport.mostPairs)
        #expect(json["pairs_total"] as? Int == 16110)
        #expect(json["pairs_omitted"] as? Int == 16110 - JSONReport.mostPairs)
        let listed = JSONReport.listedPairs(verification.comparison, limit: 600)
        #expect(listed.count { !verification.comparison.pairs[$0].agrees } == 3 * 177)
    }

    @Test("the same run gives the same bytes")
    func stable() throws {
        let verification = Simulation().verify()
        #expect(try JSONReport.render(verification) == JSONReport.render(verification))
    }
}
