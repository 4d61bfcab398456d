import MAEDomain
import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("Rules")
struct RuleTests {
    let simulation = Simulation(nodes: ["n1", "n2", "n3"])

    @Test("everything equal agrees bit for bit without findings")
    func agreement() {
        let result = simulation.verify()
        #expect(result.findings == [])
        #expect(result.verdict.outcome == .agree)
        #expect(
            result.verdict.sentence
                == "All 9 results (3 nodes, 3 loading methods, 1 batch) agree bit for bit, in class canonical-v1.")
    }

    @Test("a file with other weights is named with the tensors, as the file of one method on every node")
    func weightsOfOneMethod() throws {
        var simulation = simulation
        simulation.methods[1].path = "elsewhere/model.pth"
        let result = simulation.verify { cell, work in if cell.method == "full" { work.weights = "other" } }
        #expect(result.causes == ["weights-differ"])
        let finding = try #require(result.findings.first)
        #expect(finding.sentence == "`full` on every node loaded other weights than the rest.")
        #expect(finding.evidence[0] == "1 of 3 tensors differ: vit.layers.0.attention.q_proj.weight.")
        #expect(finding.remedy.contains("mae-coord checkpoint diff vit-mae-base elsewhere/model.pth"))
        #expect(finding.cells.map(\.node) == ["n1", "n2", "n3"])
    }

    @Test("one node's damaged copy of one file is named as that node's")
    func weightsOfOneNode() throws {
        let result = simulation.verify { cell, work in
            if cell.method == "pretrained", cell.node == "n2" { work.weights = "damaged" }
        }
        #expect(result.causes == ["weights-differ"])
        #expect(result.findings[0].sentence.hasPrefix("`pretrained` on node n2 loaded other weights"))
        #expect(result.findings[0].remedy.contains("sha256sum"))
    }

    @Test("with one node on each side nobody is called wrong")
    func weightsTie() {
        let result = Simulation(nodes: ["n1", "n2"]).verify { cell, work in
            if cell.node == "n2" { work.weights = "other" }
        }
        #expect(result.causes == ["weights-differ"])
        #expect(result.findings[0].evidence.contains(WeightsWords.tie))
        #expect(result.findings[0].sentence.contains("node n1 with every loading method"))
    }

    @Test("a tensor that was missing is named when the output differs, and harmless when it does not")
    func missingTensors() throws {
        let harmless = simulation.verify { cell, work in
            if cell.method == "full" { work.tensors.append("decoder.mask_token") }
        }
        #expect(harmless.verdict.outcome == .agree)
        #expect(harmless.codes == ["partial-weights"])
        #expect(harmless.findings[0].sentence.contains("decoder.mask_token"))
        var elsewhere = simulation
        elsewhere.methods[1].path = "elsewhere/model.pth"
        let harmful = elsewhere.verify { cell, work in
            guard cell.method == "full" else { return }
            work.tensors.removeLast()
            work.outputFault = "started at random"
        }
        #expect(harmful.causes == ["weights-differ"])
        #expect(harmful.findings[0].evidence.contains("Missing here: vit.layernorm.weight."))
    }

    @Test("different mask ratios are named with their origins, once for all consequences")
    func maskRatio() {
        let result = simulation.verify { cell, work in
            if cell.method == "state-dict" { work.maskRatio = MaskRatio(0.5, from: .configOption) }
        }
        #expect(result.causes == ["mask-ratio-differs"])
        let sentence = result.findings[0].sentence
        #expect(sentence.contains("0.75 for `pretrained` and `full` on every node (from the directory's config.json)"))
        #expect(sentence.contains("0.5 for `state-dict` on every node (from the configuration given with --config)"))
        #expect(result.comparison.pairs.contains { $0.relation == .differs(at: .configuration) })
    }

    @Test("another layer_norm_eps is named, and 1e-12 is the same as 1E-12")
    func configuration() {
        let result = simulation.verify { cell, work in if cell.method == "full" { work.layerNormEps = "1e-6" } }
        #expect(result.causes == ["configuration-differs"])
        #expect(result.findings[0].sentence.contains("`layer_norm_eps` is not the same everywhere: 1e-12 for"))
        let left = [ConfigurationField(name: "layer_norm_eps", value: "1e-12", origin: .configJSON)]
        let right = [ConfigurationField(name: "layer_norm_eps", value: "1E-12", origin: .pickledConfig)]
        #expect(EncoderConfiguration.differences(left, right, affectingOutput: true).isEmpty)
    }

    @Test("another seed and a broken generator are told apart")
    func input() {
        let seed = simulation.verify { cell, work in if cell.node == "n3" { work.seed = 43 } }
        #expect(seed.causes == ["input-differs"])
        #expect(seed.findings[0].sentence.contains("with seed 43 and size 2, the others' with seed 42 and size 2"))
        var broken = simulation.observations()
        broken[3].digests.input = .of("flipped")
        let result = Verification(plan: simulation.plan, observations: broken)
        #expect(result.causes == ["input-differs"])
        #expect(result.findings[0].sentence.contains("the same seed 42 and batch size 2 gave other pixels"))
    }

    @Test("other noise from the same draw is the generator's fault")
    func noise() {
        let result = simulation.verify { cell, work in if cell.node == "n2" { work.noiseFault = "flipped" } }
        #expect(result.causes == ["noise-differs"])
        #expect(result.findings[0].sentence.hasPrefix("node n2 with every loading method masked by other noise"))
    }

    @Test("another mask from the same noise is the sort's fault")
    func mask() {
        let observations = simulation.observations { cell, work in if cell.node == "n2" { work.maskFault = "tie" } }
            .map { observation in
                var observation = observation
                observation.digests.noise = .of("shared noise")
                return observation
            }
        let result = Verification(plan: simulation.plan, observations: observations)
        #expect(result.causes == ["mask-miscomputed"])
        #expect(result.comparison.pairs.contains { $0.relation == .differs(at: .mask) })
    }

    @Test("NaN agrees with nothing, not even with the same NaN")
    func notFinite() {
        let all = simulation.verify { _, work in work.notFinite = true }
        #expect(all.verdict.outcome == .disagree)
        #expect(all.causes == ["output-not-finite"])
        #expect(all.findings[0].sentence.hasPrefix("Every cell computed NaN or infinity (16 of 16 pooled values"))
        let one = simulation.verify { cell, work in work.notFinite = cell.node == "n2" && cell.method == "full" }
        #expect(one.causes == ["output-not-finite"])
        #expect(one.findings[0].sentence.hasPrefix("`full` on node n2"))
    }

    @Test("a node that changes its mind is not repeatable, and nothing else is blamed")
    func rerun() {
        var simulation = simulation
        let cell = Cell(node: "n2", method: "full", batch: 0)
        var again = SimulatedWork()
        again.attempt = 1
        simulation.extra = [simulation.observation(cell, again)]
        #expect(simulation.verify().verdict.outcome == .agree)
        let result = simulation.verify { place, work in if place == cell { work.outputFault = "bit 3" } }
        #expect(result.causes == ["rerun-differs"])
        #expect(result.findings[0].sentence.contains("ran full, batch 0 2 times and its layernorm changed"))
    }

    @Test("a mean that differs over equal tokens is the reduction's fault")
    func pooling() {
        let result = simulation.verify { cell, work in if cell.node == "n1" { work.poolingFault = "other order" } }
        #expect(result.causes == ["pooling-differs"])
    }

    @Test("classes further apart than the tolerance are named with the tolerance that would pass")
    func classGap() throws {
        var simulation = simulation
        simulation.node = {
            $0 == "n3"
                ? Simulation.identity($0, backend: "vulkan", device: "llvmpipe", isa: "", numericClass: "llvmpipe-15")
                : Simulation.identity($0)
        }
        let close = simulation.verify { cell, work in work.shift = cell.node == "n3" ? 1e-6 : 0 }
        #expect(close.verdict.outcome == .agree)
        #expect(close.verdict.sentence.contains("across canonical-v1 and llvmpipe-15 to "))
        let far = simulation.verify { cell, work in work.shift = cell.node == "n3" ? 1e-2 : 0 }
        #expect(far.causes == ["class-gap"])
        #expect(far.findings[0].evidence[0].hasPrefix("It would pass with --atol 0.0"))
    }

    @Test("what may make PyTorch compute something else stands in the verdict, and is no cause of a difference")
    func doubts() {
        let foreign = LoadFinding(code: "foreign-classes", severity: .error, text: "m.Block is not known.")
        let agreeing = simulation.verify { cell, work in if cell.method == "full" { work.loadFindings = [foreign] } }
        #expect(agreeing.verdict.outcome == .agree)
        #expect(
            agreeing.verdict.sentence.hasSuffix(
                "Whether PyTorch computes the same is not known: see load-foreign-classes."))
        let differing = simulation.verify { cell, work in
            if cell.method == "full" { (work.loadFindings, work.weights) = ([foreign], "other") }
        }
        #expect(differing.verdict.outcome == .disagree)
        #expect(!differing.verdict.sentence.contains("further cause"))
        #expect(differing.codes.contains("load-foreign-classes"))
    }

    @Test("what the reader noticed is said once for a method, with the nodes when not all saw it")
    func loadFindings() {
        let guess = LoadFinding(code: "guessed", severity: .warning, text: "hidden_act was guessed.")
        let note = LoadFinding(code: "wrapper", severity: .note, text: "Found inside a LightningModule.")
        let result = simulation.verify { cell, work in
            if cell.method == "state-dict" { work.loadFindings = cell.node == "n2" ? [guess, note] : [note] }
        }
        #expect(result.codes == ["load-guessed", "load-wrapper"])
        #expect(result.findings[0].evidence == ["Seen on node n2 only."])
        #expect(result.findings[1].evidence == [])
    }

    @Test("a mask ratio that nothing states is a warning for that method only")
    func guessed() {
        let result = simulation.verify { cell, work in
            guard cell.method == "state-dict" else { return }
            work.maskRatio = MaskRatio(0.75, from: .defaultValue)
            // The reader says so too, and a person is told once.
            work.loadFindings = [LoadFinding(code: "guessed-configuration", severity: .warning, text: "guessed")]
        }
        #expect(result.verdict.outcome == .agree)
        #expect(result.codes == ["guessed-configuration"])
        #expect(result.findings[0].sentence.contains("mask_ratio = 0.75"))
    }

    @Test("decoder settings that differ are a note")
    func decoderConfiguration() {
        let observations = simulation.observations().map { observation in
            var observation = observation
            let value = observation.method.label == "full" ? "true" : "false"
            observation.configuration.append(
                ConfigurationField(name: "norm_pix_loss", value: value, origin: .pickledConfig))
            return observation
        }
        let result = Verification(plan: simulation.plan, observations: observations)
        #expect(result.verdict.outcome == .agree)
        #expect(result.codes == ["other-configuration"])
        #expect(result.findings[0].evidence == ["norm_pix_loss: false for `pretrained` and true for `full`."])
    }

    @Test("lost work makes a run incomplete, and a failure that was made good does not")
    func missing() {
        var simulation = simulation
        let cell = Cell(node: "n3", method: "full", batch: 0)
        simulation.failures = [
            ShardFailure(node: "n3", method: "full", batch: 0, code: "no-such-file", message: "vit_mae.pth is missing.")
        ]
        #expect(simulation.verify().verdict.outcome == .agree)
        simulation.lost = [cell]
        let failed = simulation.verify()
        #expect(failed.verdict.outcome == .incomplete)
        #expect(failed.codes == ["work-failed"])
        #expect(failed.findings[0].sentence.contains("vit_mae.pth is missing."))
        simulation.failures = []
        simulation.lost = Set(simulation.places.filter { $0.node == "n3" })
        let silent = simulation.verify()
        #expect(silent.codes == ["nodes-missing", "work-failed"])
        #expect(silent.verdict.sentence.hasPrefix("3 results and 1 node are missing."))
        #expect(silent.verdict.outcome.exitCode == 2)
        // Places that nobody stood for, two of them for each batch.
        simulation.lost = Set(simulation.places)
        simulation.failures = [0, 0].map {
            ShardFailure(node: "", method: "full", batch: $0, code: "run-ended", message: "the run ended first")
        }
        let alone = simulation.verify()
        #expect(alone.codes.prefix(2) == ["nodes-missing", "work-failed"])
        #expect(alone.findings[0].sentence.hasPrefix("No worker delivered a result"))
        #expect(alone.findings[1].sentence == "No node ran the missing share of `full` batch 0: the run ended first")
    }

    @Test("places of one method and batch that nobody took are counted each")
    func nobody() {
        var simulation = Simulation(nodes: ["n1", "n2", "n3", "n4"], methods: [self.simulation.methods[0]], batches: 2)
        simulation.lost = Set(simulation.places.filter { ["n3", "n4"].contains($0.node) })
        simulation.failures = simulation.lost.map {
            ShardFailure(node: "", method: $0.method, batch: $0.batch, code: "run-ended", message: "too late")
        }
        let result = simulation.verify()
        #expect(result.verdict.sentence.hasPrefix("4 results and 2 nodes are missing."))
    }

    @Test(
        "a ratio is a float in Python, and has the digits that keep its patches",
        arguments: [(0, "0.0"), (0.75, "0.75"), (1.0 / 3, "0.3333333333333333"), (1e-5, "1e-5")] as [(Double, String)])
    func pythonFloat(value: Double, text: String) {
        #expect(PythonRemedy.number(value) == text)
    }

    @Test("two broken files on one node are two findings, each with its own error, and no remedy that is refused")
    func brokenFiles() {
        var simulation = simulation
        let errors = ["full": "vit_mae.pth: is cut short", "state-dict": "vit_mae_statedict.pth: has a bad checksum"]
        simulation.failures = errors.map { method, message in
            ShardFailure(node: "n3", method: method, batch: 0, code: "bad-input", message: message)
        }
        simulation.lost = Set(simulation.failures.map(\.cell))
        let findings = simulation.verify().findings
        #expect(
            findings.map(\.sentence) == [
                "Node n3 did not deliver `full` batch 0: vit_mae.pth: is cut short",
                "Node n3 did not deliver `state-dict` batch 0: vit_mae_statedict.pth: has a bad checksum",
            ])
        #expect(findings.allSatisfy { $0.remedy.contains("begin a new run") && !$0.remedy.contains("--resume") })
    }

    @Test("messages that all differ become few findings")
    func manyMessages() {
        var simulation = simulation
        simulation.batches = 9
        simulation.failures = (0..<9).map {
            ShardFailure(node: "n3", method: "full", batch: $0, code: "failed", message: "needs \($0) MiB more")
        }
        simulation.lost = Set(simulation.failures.map(\.cell))
        let findings = simulation.verify().findings
        #expect(findings.count == 5)
        #expect(findings.last?.sentence.hasSuffix("needs 4 MiB more (and 4 further messages)") == true)
        #expect(findings.last?.cells.count == 5)
    }

    @Test("different engine builds are noted")
    func builds() {
        var simulation = simulation
        simulation.node = { Simulation.identity($0, build: $0 == "n1" ? "1.1" : "1.0") }
        #expect(simulation.verify().codes == ["engine-builds"])
    }

    @Test("a disagreement that no rule explains is still reported")
    func unexplained() {
        let result = simulation.verify { cell, work in if cell.node == "n2" { work.outputFault = "x" } }
        let without = Diagnosis.findings(in: result.comparison, rules: [Diagnosis.unexplained])
        #expect(without.map(\.code) == ["unexplained"])
        #expect(without[0].sentence.contains("layernorm and pooled"))
    }
}
