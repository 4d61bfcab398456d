import Foundation
import MAEDomain
import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("Configuration values that nothing states")
struct GuessedConfigurationTests {
    private let simulation = Simulation(nodes: ["n1", "n2"])
    private let heads = ConfigurationField(
        name: "num_attention_heads", value: "12", origin: .guess, reason: "heads 64 wide, as in the published models")

    /// Judges a run whose state dict has further configuration values.
    private func verify(_ fields: [ConfigurationField]) -> Verification {
        let observations = simulation.observations().map { observation in
            var observation = observation
            if observation.method.label == "state-dict" { observation.configuration += fields }
            return observation
        }
        return Verification(plan: simulation.plan, observations: observations)
    }

    @Test("a guess is called a guess, with what it rests on")
    func namesGuess() throws {
        let finding = try #require(verify([heads]).finding("guessed-configuration"))
        #expect(finding.severity == .warning)
        #expect(
            finding.sentence == "`state-dict` (vit_mae_statedict.pth) does not say 1 value of its configuration, so a "
                + "guess was taken: num_attention_heads = 12.")
        #expect(
            finding.evidence == [
                "num_attention_heads = 12 is a guess: heads 64 wide, as in the published models."
            ])
    }

    @Test("guesses and defaults are told apart, and no guess is left out")
    func tellsDefaultsApart() throws {
        let guesses = (1...6).map { ConfigurationField(name: "g\($0)", value: "\($0)", origin: .guess, reason: "r") }
        let defaults = [ConfigurationField(name: "layer_norm_eps", value: "1e-12", origin: .defaultValue)]
        let finding = try #require(verify(guesses + defaults).finding("guessed-configuration"))
        #expect(finding.sentence.contains("does not say 7 values"))
        #expect(finding.sentence.contains("g5 = 5 and g6 = 6, and the defaults for the rest: layer_norm_eps = 1e-12."))
        #expect(finding.evidence.count == 6)
    }

    @Test("a value read off the shapes is none")
    func acceptsShapes() {
        #expect(verify([ConfigurationField(name: "hidden_act", value: "\"gelu\"", origin: .inferred)]).codes.isEmpty)
    }

    @Test("a guess that differs from what others state says what it rests on")
    func comparesGuess() throws {
        let observations = simulation.observations().map { observation in
            var observation = observation
            observation.configuration.append(
                observation.method.label == "full"
                    ? heads : ConfigurationField(name: heads.name, value: "16", origin: .configJSON))
            return observation
        }
        let result = Verification(plan: simulation.plan, observations: observations)
        let finding = try #require(result.finding("configuration-differs"))
        #expect(
            finding.sentence.contains(
                "(from a guess, because nothing says it: heads 64 wide, as in the published models)"),
            "\(finding.sentence)")
    }
}
