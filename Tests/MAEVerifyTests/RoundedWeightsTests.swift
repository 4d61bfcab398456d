import MAEDomain
import MAETensor
import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("Weights that are others in half precision")
struct RoundedWeightsTests {
    private var simulation = Simulation(nodes: ["n1", "n2", "n3"])

    /// The digest that the simulation gives to all weights of this name.
    private static func digest(_ weights: String) -> SHA256Digest {
        var work = SimulatedWork()
        work.weights = weights
        let simulation = Simulation()
        return simulation.observation(Cell(node: "n1", method: "full", batch: 0), work).weights.digest
    }

    private static func copy(
        _ name: String, of original: String = "base", in format: HalfPrecisionCopy.Format = .float16
    ) -> HalfPrecisionCopy {
        HalfPrecisionCopy(digest: digest(name), original: digest(original), format: format)
    }

    /// Judges a run in which each method has the weights of a name, or those of the model; n2 may have others.
    private func verify(
        _ weights: [String: String], onNode2: [String: String] = [:], _ copies: [HalfPrecisionCopy]
    ) -> Verification {
        let observations = simulation.observations { cell, work in
            let own = cell.node == "n2" ? onNode2[cell.method] : nil
            if let name = own ?? weights[cell.method] { work.weights = name }
        }
        return Verification(plan: simulation.plan, observations: observations, copies: copies)
    }

    @Test("two copies that outvote their original are the copies, and the original is not blamed")
    func copiesOutvoteOriginal() throws {
        let weights = ["full": "half", "state-dict": "half"]
        let result = verify(weights, [Self.copy("half")])
        #expect(result.causes == ["weights-differ"])
        let finding = try #require(result.findings.first)
        #expect(
            finding.sentence == "`full` and `state-dict` on every node loaded the weights of `pretrained` on every "
                + "node, rounded to float16.")
        #expect(finding.evidence.first == "1 of 3 tensors differ: vit.layers.0.attention.q_proj.weight.")
        #expect(finding.evidence.contains { $0.contains("vit-mae-base is the original") })
        #expect(!finding.evidence.contains(WeightsWords.tie))
        #expect(finding.remedy.hasPrefix("Load vit-mae-base by every method"))
        #expect(Set(finding.cells.map(\.method)) == ["full", "state-dict"])
        #expect(result.verdict.outcome == .disagree)
        let matrix = Matrix(result.comparison)
        #expect(matrix.standard == "the original")
        #expect(matrix["n2", "pretrained", 0]?.status == .identical)
        #expect(matrix["n2", "full", 0]?.status == .differs(at: .weights))
        // Digests alone cannot tell, and the majority is followed.
        let blind = Matrix(verify(weights, []).comparison)
        #expect(blind.standard == "most")
        #expect(blind["n2", "pretrained", 0]?.status == .differs(at: .weights))
        #expect(verify(weights, []).findings.first?.sentence.hasPrefix("`pretrained` on every node") == true)
    }

    @Test("a node that errs is odd in the matrix also where originals are the majority or outvoted")
    func matrixWithOddNode() {
        for copies in [["full": "half"], ["full": "half", "state-dict": "half"]] {
            let observations = simulation.observations { cell, work in
                if let name = copies[cell.method] { work.weights = name }
                if cell.node == "n1" { work.outputFault = "x" }
            }
            let matrix = Matrix(
                Verification(plan: simulation.plan, observations: observations, copies: [Self.copy("half")]).comparison)
            #expect(matrix.standard == (copies.count == 2 ? "the original" : "most"))
            #expect(matrix["n1", "pretrained", 0]?.status == .differs(at: .layernorm))
            // In the first case four of nine have it, which is no majority.
            #expect(matrix["n2", "pretrained", 0]?.status == (copies.count == 2 ? .identical : .reference))
            #expect(matrix["n2", "full", 0]?.status == .differs(at: .weights))
        }
    }

    @Test("with one copy and one original there is no tie")
    func settlesTie() throws {
        var test = self
        test.simulation.methods.removeLast()
        let result = test.verify(["pretrained": "half"], [Self.copy("half", in: .bfloat16)])
        #expect(result.causes == ["weights-differ"])
        #expect(
            result.findings.first?.sentence
                == "`pretrained` on every node loaded the weights of `full` on every node, rounded to bfloat16.")
    }

    @Test("copies of two types are named one by one, and a copy of a copy by what it was made from")
    func namesEachCopy() {
        let types = verify(
            ["full": "half", "state-dict": "brain"], [Self.copy("half"), Self.copy("brain", in: .bfloat16)])
        #expect(types.causes == ["weights-differ", "weights-differ"])
        let sentences = types.findings.map(\.sentence)
        #expect(sentences.contains { $0.hasPrefix("`full`") && $0.hasSuffix("to float16.") })
        #expect(sentences.contains { $0.hasPrefix("`state-dict`") && $0.hasSuffix("to bfloat16.") })
        for finding in types.findings {
            let measured = finding.evidence.first { $0.hasPrefix("Largest difference") }
            #expect(measured?.contains("pretrained, batch 0") == true, "\(finding.evidence)")
        }
        let chain = verify(
            ["full": "half", "state-dict": "brain"],
            [Self.copy("brain", of: "half", in: .bfloat16), Self.copy("half")])
        #expect(chain.causes == ["weights-differ", "weights-differ"])
        #expect(chain.findings.map(\.sentence).contains { $0.contains("weights of `full`") })
        #expect(chain.findings.map(\.sentence).contains { $0.contains("weights of `pretrained`") })
    }

    @Test("a pickled model and a state dict of one stem are no stale file when one is the other rounded")
    func isNotStale() {
        let result = verify(["state-dict": "half"], [Self.copy("half")])
        #expect(result.causes == ["weights-differ"])
        #expect(verify(["state-dict": "half"], []).causes == ["stale-file"])
    }

    @Test("a copy in half precision and a stale mask ratio are both named")
    func namesBothCauses() {
        var test = self
        test.simulation.methods[1].path = "vit_mae.cpkt"
        let observations = test.simulation.observations { cell, work in
            guard cell.method == "full" else { return }
            work.weights = "half"
            work.maskRatio = MaskRatio(0, from: .pickledConfig)
        }
        let result = Verification(
            plan: test.simulation.plan, observations: observations, copies: [Self.copy("half")])
        #expect(result.causes == ["stale-file", "weights-differ"])
        let stale = result.finding("stale-file")
        #expect(stale?.sentence.contains("other weights") == false)
        #expect(stale?.evidence.contains("The weights of the two files are the same.") == false)
    }

    @Test("a node with weights of its own is still the odd one, and copies count with their original")
    func blamesOddNode() {
        let result = verify(
            ["full": "half", "state-dict": "half"], onNode2: ["pretrained": "damaged"], [Self.copy("half")])
        #expect(result.causes == ["weights-differ", "weights-differ"])
        let sentences = result.findings.map(\.sentence)
        #expect(sentences.contains("`pretrained` on node n2 loaded other weights than the rest."), "\(sentences)")
        #expect(sentences.contains { $0.hasSuffix("rounded to float16.") })
    }

    @Test("what files say of weights that no cell has is left aside")
    func ignoresOthers() {
        #expect(verify([:], [Self.copy("half")]).findings.isEmpty)
        let result = verify(["full": "other"], [Self.copy("half"), Self.copy("other", of: "elsewhere")])
        #expect(result.findings.first?.sentence.contains("rounded") == false)
    }
}
