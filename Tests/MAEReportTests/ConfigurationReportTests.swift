import Foundation
import MAEDomain
import MAEVerify
import Testing

@testable import MAEReport
@testable import VerifyTestSupport

@Suite("The configuration in reports")
struct ConfigurationReportTests {
    private static let reason = "the encoder has the sizes of the base model"
    private let simulation = Simulation(nodes: ["n1", "n2", "n10"])

    /// A run in which the state dict's number of heads is a guess; `heads` is the value on a node.
    private func verify(heads: (String) -> String = { _ in "12" }) -> Verification {
        let observations = simulation.observations().map { observation in
            var observation = observation
            if observation.method.label == "state-dict" {
                observation.configuration.append(
                    ConfigurationField(
                        name: "num_attention_heads", value: heads(observation.node.name), origin: .guess,
                        reason: Self.reason))
            }
            return observation
        }
        return Verification(plan: simulation.plan, observations: observations)
    }

    private func configurations(_ verification: Verification) throws -> [[String: Any]] {
        let data = Data(try JSONReport.render(verification).utf8)
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        return try #require(json["configurations"] as? [[String: Any]])
    }

    @Test("JSON has every value with its origin, and a guess with its reason")
    func json() throws {
        let all = try configurations(verify())
        #expect(all.map { $0["method"] as? String } == ["pretrained", "full", "state-dict"])
        #expect(all.allSatisfy { $0["nodes"] as? [String] == ["n1", "n2", "n10"] })
        let values = try #require(all.last?["values"] as? [[String: String]])
        #expect(
            values.last == [
                "name": "num_attention_heads", "value": "12", "from": "guess", "reason": Self.reason,
            ])
        #expect(values.first == ["name": "hidden_size", "value": "8", "from": "config.json"])
    }

    @Test("a method whose nodes computed with other values has a configuration for each")
    func parts() throws {
        let verification = verify { $0 == "n2" ? "16" : "12" }
        let all = try configurations(verification).filter { $0["method"] as? String == "state-dict" }
        #expect(all.map { $0["nodes"] as? [String] } == [["n1", "n10"], ["n2"]])
        #expect(HTMLReport.render(verification).contains("<td>state-dict on n1 and n10</td>"))
    }

    @Test("the terminal and the page say that it is a guess, and why")
    func text() {
        let verification = verify()
        let lines = TerminalReport.render(verification, style: TerminalStyle(width: 200))
        #expect(lines.contains("num_attention_heads = 12 is a guess: \(Self.reason)."))
        let html = HTMLReport.render(verification)
        #expect(html.contains("num_attention_heads = 12 is a guess: \(Self.reason)."))
        #expect(
            html.contains(
                "<td>state-dict</td><td>num_attention_heads</td><td>12</td>"
                    + "<td>a guess, because nothing says it: \(Self.reason)</td>"))
    }

    @Test("names and reasons from nodes stay text")
    func escaping() {
        let attack = "<script>alert(1)</script>"
        let observations = simulation.observations().map { observation in
            var observation = observation
            observation.configuration = [
                ConfigurationField(name: attack, value: attack, origin: .guess, reason: attack)
            ]
            return observation
        }
        let html = HTMLReport.render(Verification(plan: simulation.plan, observations: observations))
        #expect(!html.contains("<script"))
        #expect(html.contains("&lt;script&gt;"))
    }

    @Test("nodes that sent no configuration leave none behind")
    func empty() throws {
        let observations = simulation.observations().map { observation in
            var observation = observation
            observation.configuration = []
            return observation
        }
        let verification = Verification(plan: simulation.plan, observations: observations)
        #expect(try configurations(verification).isEmpty)
        #expect(!HTMLReport.render(verification).contains("<summary>Configuration</summary>"))
    }
}
