import MAEDomain
import MAETensor
import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

@Suite("PyTorch as a node")
struct WitnessTests {
    static let numericClass = "torch-2.13.0/sdpa/avx2"

    /// Nodes of the engine, and witnesses, whose names begin with `torch`.
    private func simulation(_ nodes: [String] = ["n1", "n2", "torch"]) -> Simulation {
        var simulation = Simulation(nodes: nodes)
        simulation.node = { name in
            guard name.hasPrefix("torch") else { return Simulation.identity(name) }
            return Simulation.identity(
                name, backend: "pytorch", isa: "avx2", numericClass: Self.numericClass, build: "torch 2.13.0")
        }
        return simulation
    }

    /// A run in which witnesses round otherwise, each method in another way.
    private func verify(
        _ nodes: [String] = ["n1", "n2", "torch"], _ change: @escaping (Cell, inout SimulatedWork) -> Void = { _, _ in }
    ) -> Verification {
        simulation(nodes).verify { cell, work in
            if cell.node.hasPrefix("torch") { (work.shift, work.rounding) = (1e-6, cell.node + cell.method) }
            change(cell, &work)
        }
    }

    private static func finding(_ code: String, _ severity: Severity = .error) -> LoadFinding {
        LoadFinding(code: code, severity: severity, text: "model.pth: PyTorch says \(code)")
    }

    @Test(
        "a class says version, attention and capability",
        arguments: [
            (numericClass, "2.13.0", "sdpa", "avx2"), ("torch-1.13.1", "1.13.1", nil, nil),
            ("torch-2.8/eager/", "2.8", "eager", nil),
        ])
    func parts(_ name: String, version: String, attention: String?, capability: String?) throws {
        let witness = try #require(Witness(Simulation.identity("w", numericClass: name)))
        #expect((witness.version, witness.attention, witness.capability) == (version, attention, capability))
        #expect(Witness(Simulation.identity("w", numericClass: "canonical-v1")) == nil)
    }

    @Test("within tolerance is agreement, and the figures are in the sentence, the matrix and the finding")
    func agreement() throws {
        let result = verify()
        #expect(result.verdict.outcome == .agree)
        let report = try #require(result.comparison.witnesses.first)
        let largest = try #require(report.maximum)
        #expect(report.agrees && (1e-7...2e-6).contains(largest) && report.rms.map { $0 > 0 && $0 < largest } == true)
        #expect(report.methods.map(\.method) == ["pretrained", "full", "state-dict"])
        #expect(report.hasEqualBits == false && report.betweenMethods.map { $0 > 0 && $0 < 4e-6 } == true)
        #expect(
            result.verdict.sentence.hasPrefix(
                "All 9 results (3 nodes, 3 loading methods, 1 batch) agree: bit for bit in class canonical-v1; PyTorch 2.13.0 "
                    + "(witness torch) agrees within tolerance: largest difference "), "\(result.verdict.sentence)")
        #expect(result.codes == ["witness"])
        let finding = try #require(result.finding("witness"))
        #expect(finding.severity == .note && finding.sentence.contains("attention sdpa, avx2"), "\(finding)")
        #expect(finding.evidence[0].hasPrefix("Difference by method: `pretrained` largest "))
        let matrix = Matrix(result.comparison)
        #expect(matrix["torch", "full", 0]?.status == .withinTolerance)
        #expect(matrix.largestDifference("torch", "full") == report.methods[1].maximum)
    }

    @Test("methods of a witness that agree to the bit are told")
    func equalBits() throws {
        let result = verify { cell, work in if cell.node == "torch" { work.rounding = "torch" } }
        #expect(result.finding("witness")?.evidence.contains("All loading methods gave it the same bits.") == true)
    }

    @Test("a witness outvotes no engine, however many there are", arguments: [1, 2, 5])
    func votes(count: Int) throws {
        let witnesses = (0..<count).map { "torch\($0)" }
        // All witnesses have the same bits, in the input too.
        let result = verify(["n1"] + witnesses) { cell, work in
            if cell.node != "n1" { (work.rounding, work.seed) = ("alike", 7) }
        }
        let finding = try #require(result.finding("input-differs"))
        #expect(Set(finding.cells.map(\.node)) == Set(witnesses))
        let matrix = Matrix(
            verify(["n1"] + witnesses) { cell, work in
                if cell.node != "n1" { work.rounding = "alike" }
            }.comparison)
        #expect(matrix["n1", "full", 0]?.status == .identical)
        #expect(matrix["torch0", "full", 0]?.status == .withinTolerance)
    }

    @Test("an engine's node that is at fault is named, and its method on every engine's node, whatever a witness says")
    func engines() throws {
        let node = verify(["n1", "n2", "n3", "torch"]) { cell, work in
            if cell.node == "n2" { work.outputFault = "core" }
        }
        #expect(node.causes == ["node-outlier"])
        let method = verify { cell, work in
            if cell.method == "full", cell.node != "torch" { work.outputFault = "loader" }
        }
        #expect(method.causes == ["loader-outlier"])
    }

    @Test("witnesses of one class are held to the tolerance among themselves")
    func amongThemselves() throws {
        let result = verify(["torch1", "torch2"])
        #expect(result.verdict.outcome == .agree)
        #expect(result.verdict.sentence.contains("agree: within the tolerance, in class torch-2.13.0/sdpa/avx2, to "))
        #expect(result.codes == ["witness", "witness"])
        let apart = verify(["torch1", "torch2"]) { cell, work in
            if cell.node == "torch2" { (work.outputFault, work.shift) = ("x", 1e-2) }
        }
        #expect(apart.causes == ["class-gap"])
        #expect(
            apart.findings[0].sentence.hasPrefix(
                "Results of the numeric class torch-2.13.0/sdpa/avx2 lie further apart"))
    }

    @Test("a result that differs from run to run within the tolerance is no rerun that differs")
    func reruns() throws {
        var simulation = simulation()
        func again(_ node: String, _ rounding: String, _ shift: Float) -> Observation {
            var work = SimulatedWork()
            (work.attempt, work.rounding, work.shift) = (1, rounding, shift)
            return simulation.observation(Cell(node: node, method: "full", batch: 0), work)
        }
        simulation.extra = [again("torch", "other threads", 1e-6)]
        let result = simulation.verify { cell, work in if cell.node == "torch" { work.shift = 1e-6 } }
        #expect(result.comparison.reruns.map(\.differs) == [nil] && result.verdict.outcome == .agree)
        simulation.extra = [again("torch", "dropout", 1)]
        let random = simulation.verify { cell, work in if cell.node == "torch" { work.shift = 1e-6 } }
        #expect(random.comparison.reruns.map(\.differs) == [.layernorm])
    }

    @Test("equal outputs with another mean are within tolerance too")
    func pooling() throws {
        let observations = simulation(["torch1", "torch2"]).observations()
        var other = observations
        for index in other.indices where other[index].node.name == "torch2" {
            let pooled = other[index].pooled
            other[index].pooled = Tensor(
                shape: pooled.shape, elements: pooled.elements.map { $0 + 1e-6 })
            other[index].digests.pooled = other[index].pooled.digest()
        }
        let result = Verification(plan: simulation(["torch1", "torch2"]).plan, observations: other)
        #expect(result.verdict.outcome == .agree)
        #expect(result.causes.isEmpty)
    }

    @Test("a tensor that the file lacks and PyTorch makes is no other weight")
    func partial() throws {
        let result = verify { cell, work in if cell.node == "torch" { work.tensors.append("decoder.mask_token") } }
        #expect(result.verdict.outcome == .agree, "\(result.verdict.sentence)")
    }

    @Test(
        "what a witness reports explains what it differs in, and no other cause is named",
        arguments: [
            "drawn-weights", "training-mode", "dropout", "half-precision", "tf32",
        ])
    func causes(code: String) throws {
        let result = verify { cell, work in
            guard cell.node == "torch", cell.method == "full" else { return }
            work.loadFindings = [Self.finding(code)]
            (work.outputFault, work.shift) = ("random", ["half-precision", "tf32"].contains(code) ? 1e-2 : 1)
            if code == "drawn-weights" { work.weights = "drawn" }
        }
        #expect(result.causes == [code], "\(result.findings)")
        let finding = try #require(result.finding(code))
        #expect(finding.sentence.contains("PyTorch 2.13.0") && finding.sentence.contains("`full`"), "\(finding)")
        #expect(finding.evidence[0] == "model.pth: PyTorch says \(code)")
        #expect(finding.cells == [Cell(node: "torch", method: "full", batch: 0)])
        #expect(!finding.remedy.isEmpty && finding.python != nil)
        if code == "drawn-weights" {
            #expect(finding.evidence.contains { $0.contains("vit.layers.0.attention.q_proj.weight") })
        }
        #expect(result.suspectNodes.isEmpty)
    }

    @Test(
        "what rounds more than fp32 explains a difference within a bound, and says that it may",
        arguments: ["tf32", "half-precision"])
    func bounds(code: String) throws {
        func run(_ shift: Float) -> Verification {
            verify { cell, work in
                guard cell.node == "torch" else { return }
                (work.shift, work.loadFindings) = (shift, [Self.finding(code, .warning)])
            }
        }
        let near = run(1e-2)
        #expect(near.causes == [code] && near.suspectNodes.isEmpty)
        #expect(near.finding(code)?.evidence.contains { $0.contains("that it does is not proved") } == true)
        let far = run(4)
        #expect(far.causes == ["class-gap"], "\(far.findings)")
        let warning = try #require(far.finding(code))
        #expect(warning.severity == .warning)
        #expect(warning.evidence.contains { $0.hasPrefix("It does not explain what differs") }, "\(warning.evidence)")
    }

    @Test("TF32 of a witness excuses no engine that is wrong against double precision")
    func engineIsWrong() throws {
        let simulation = simulation(["n1", "torch"])
        let observations = simulation.observations { cell, work in
            guard cell.node == "torch" else { return }
            (work.shift, work.loadFindings) = (1e-2, [Self.finding("tf32", .warning)])
        }
        let blind = Verification(plan: simulation.plan, observations: observations)
        #expect(blind.causes == ["tf32"])
        let question = try #require(Float64Question.all(in: blind.comparison).first)
        let witness = try #require(
            observations.first { [question.left, question.right].contains($0.cell) && $0.node.isWitness })
        var referee = RefereeAnswers()
        referee.float64 = [
            Float64Answer(
                question, pooled: witness.pooled.rows(question.image..<question.image + 1).elements.map(Double.init))
        ]
        let decided = Verification(plan: simulation.plan, observations: observations, referee: referee)
        #expect(decided.causes.contains("class-gap") && !decided.causes.contains("tf32"), "\(decided.findings)")
        #expect(decided.verdict.sentence.contains("Set against float64, canonical-v1 is wrong."), "\(decided.verdict)")
    }

    @Test(
        "training mode of a model that was not pickled, and weights that were drawn and are the file's, explain nothing",
        arguments: [("training-mode", "pretrained"), ("dropout", "state-dict"), ("drawn-weights", "full")])
    func excuses(code: String, method: String) {
        let result = verify { cell, work in
            guard cell.node == "torch", cell.method == method else { return }
            work.loadFindings = [Self.finding(code)]
            (work.outputFault, work.shift) = ("lie", 1e-2)
        }
        #expect(result.causes == ["class-gap"], "\(result.findings)")
        // What the witness says is told all the same.
        #expect(result.findings.contains { [code, "load-" + code].contains($0.code) })
    }

    @Test("witnesses that agree with each other share a finding, which names the engine too", arguments: [true, false])
    func together(areAlike: Bool) throws {
        let result = verify(["n1", "torch1", "torch2"]) { cell, work in
            guard cell.node == "n1" else {
                work.rounding = areAlike ? "alike" : cell.node
                return
            }
            (work.outputFault, work.shift) = ("lie", 1e-2)
        }
        #expect(result.causes == ["class-gap"], "\(result.findings)")
        let finding = try #require(result.finding("class-gap"))
        #expect(
            finding.evidence[0]
                == "The witnesses torch1 and torch2 agree with each other, \(areAlike ? "bit for bit" : "within the tolerance"): "
                + "the engine may be the one that is wrong.", "\(finding.evidence)")
        #expect(finding.remedy.contains("--no-referee") && Set(finding.cells.map(\.node)) == ["torch1", "torch2"])
        let apart = verify(["n1", "torch1", "torch2"]) { cell, work in
            if cell.node != "n1" { (work.outputFault, work.shift) = (cell.node, 1e-2) }
        }
        #expect(apart.findings.count { $0.has(.classGap) } >= 2, "\(apart.findings)")
    }

    @Test("bits of a class are said to agree only where two results of it were compared")
    func single() {
        var alone = simulation(["n1", "torch"])
        alone.methods = [alone.methods[0]]
        func sentence(_ change: @escaping (Cell, inout SimulatedWork) -> Void) -> String {
            alone.verify(change).verdict.sentence
        }
        let one = sentence { cell, work in if cell.node == "torch" { (work.shift, work.rounding) = (1e-6, "x") } }
        #expect(
            one.contains(" agree: PyTorch 2.13.0 (witness torch) agrees within tolerance")
                && !one.contains("bit for bit"), "\(one)")
        alone.nodes = ["n1", "n2"]
        alone.node = { Simulation.identity($0, numericClass: $0 == "n1" ? "canonical-v1" : "other-v1") }
        let two = sentence { cell, work in if cell.node == "n2" { work.shift = 1e-6 } }
        #expect(two.contains(" agree: across canonical-v1 and other-v1 to ") && !two.contains("bit for bit"), "\(two)")
        alone.nodes = ["n1", "n2", "n3"]
        alone.node = { Simulation.identity($0, numericClass: $0 == "n2" ? "other-v1" : "canonical-v1") }
        let inside = sentence { cell, work in if cell.node == "n2" { work.shift = 1e-6 } }
        #expect(
            inside.contains(" agree: bit for bit inside class canonical-v1, and across canonical-v1 and other-v1 to "),
            "\(inside)")
    }

    @Test("training mode and dropout are one cause")
    func trainingMode() {
        let result = verify { cell, work in
            guard cell.node == "torch", cell.method == "full" else { return }
            work.loadFindings = ["training-mode", "dropout"].map { Self.finding($0) }
            work.shift = 1
        }
        #expect(result.causes == ["training-mode"])
        #expect(result.findings[0].evidence.prefix(2).map { $0.hasSuffix("dropout") } == [false, true])
        // A witness that makes up its results may say so too.
        #expect(result.findings[0].evidence.contains { $0.contains("That this one comes of it is not proved") })
    }

    @Test("what changes nothing warns at most, and a note explains nothing")
    func harmless() {
        let agrees = verify { cell, work in
            if cell.node == "torch" {
                work.loadFindings = [Self.finding("training-mode"), Self.finding("attention", .note)]
            }
        }
        #expect(agrees.verdict.outcome == .agree)
        #expect(agrees.finding("training-mode")?.severity == .warning)
        #expect(agrees.finding("attention")?.severity == .note)
        let apart = verify { cell, work in
            guard cell.node == "torch" else { return }
            work.loadFindings = [Self.finding("training-mode", .note)]
            work.shift = 1
        }
        #expect(apart.causes == ["class-gap"])
    }

    @Test("a gap that nothing explains names the witness and its methods")
    func gap() throws {
        let result = verify { cell, work in
            if cell.node == "torch", cell.method == "full" { (work.outputFault, work.shift) = ("lie", 1e-2) }
        }
        #expect(result.causes == ["class-gap"])
        let finding = try #require(result.finding("class-gap"))
        #expect(
            finding.sentence.hasPrefix(
                "PyTorch 2.13.0 lies further from class canonical-v1 than atol 2e-5 and rtol 1e-5 allow"))
        #expect(finding.cells == [Cell(node: "torch", method: "full", batch: 0)])
        #expect(finding.remedy.contains("mae_record"))
        #expect(result.comparison.witnesses[0].agrees == false)
        #expect(result.comparison.witnesses[0].methods.map(\.agrees) == [true, false, true])
    }

    @Test("what a reader doubts is known once PyTorch computed it")
    func doubts() {
        func sentence(_ nodes: [String]) -> String {
            verify(nodes) { cell, work in
                if cell.method == "full" {
                    work.loadFindings = [LoadFinding(code: "unknown-module", severity: .error, text: "x")]
                }
            }.verdict.sentence
        }
        #expect(sentence(["n1", "n2"]).contains("Whether PyTorch computes the same is not known"))
        #expect(!sentence(["n1", "n2", "torch"]).contains("is not known"))
    }

    @Test("a witness within tolerance is set against double precision once, where it is furthest off")
    func float64() throws {
        let simulation = simulation()
        let observations = simulation.observations { cell, work in
            if cell.node == "torch" { (work.shift, work.rounding) = (1e-6, cell.method) }
        }
        let blind = Verification(plan: simulation.plan, observations: observations)
        let questions = Float64Question.all(in: blind.comparison)
        let question = try #require(questions.first)
        #expect(questions.count == 1 && !question.isDispute && question.right.node == "torch")
        let engine = try #require(observations.first { $0.cell == question.left })
        var referee = RefereeAnswers()
        referee.float64 = [
            Float64Answer(
                question,
                pooled: engine.pooled.rows(question.image..<question.image + 1).elements.map { Double($0) + 1e-9 })
        ]
        let decided = Verification(plan: simulation.plan, observations: observations, referee: referee)
        // Far closer than PyTorch, which is not wrong for it.
        let check = try #require(decided.comparison.referee.float64.first)
        #expect(check.wrong == nil && check.left.maximum < check.right.maximum / 10)
        #expect(decided.verdict.outcome == .agree)
        let told = decided.finding("witness")?.evidence.first {
            $0.hasPrefix("Against float64, canonical-v1 is off by at most ")
        }
        #expect(
            told?.contains(", PyTorch 2.13.0 on torch by at most ") == true && told?.contains("wrong") == false,
            "\(decided.findings)")
    }

    @Test("a witness whose bits change from run to run within the tolerance is no change")
    func runs() {
        func run(_ rounding: String, _ shift: Float = 1e-6) -> Comparison {
            verify { cell, work in
                if cell.node == "torch" { (work.rounding, work.shift) = (rounding + cell.method, shift) }
            }.comparison
        }
        let same = RunComparison(run("one"), run("other"))
        #expect(same.outcome == .same && same.nodes.map(\.changed) == [0, 0, 0])
        #expect(same.entries.allSatisfy { $0.isDivided == (false, false) })
        #expect(RunComparison(run("one"), run("other", 1)).nodes.map(\.changed) == [0, 0, 3])
    }

    @Test("judged by a narrower tolerance, what was set against double precision becomes a dispute")
    func narrower() throws {
        let simulation = simulation()
        let observations = simulation.observations { cell, work in if cell.node == "torch" { work.shift = 1e-5 } }
        let question = try #require(
            Float64Question.all(in: Verification(plan: simulation.plan, observations: observations).comparison).first)
        var referee = RefereeAnswers()
        referee.float64 = [Float64Answer(question, pooled: [Double](repeating: 0, count: 8))]
        let wide = Verification(plan: simulation.plan, observations: observations, referee: referee)
        #expect(wide.verdict.outcome == .agree && wide.comparison.referee.float64.map(\.isDispute) == [false])
        let narrow = wide.judgedAgain(by: Tolerance(atol: 1e-8, rtol: 1e-8))
        #expect(narrow.causes == ["class-gap"] && narrow.comparison.referee.float64.map(\.isDispute) == [true])
        #expect(narrow.finding("class-gap")?.evidence[0].hasPrefix("Against float64, ") == true)
    }

    @Test("weights that were drawn for what the encoder does not need are said to be that")
    func drawnDecoder() throws {
        let result = verify { cell, work in
            guard cell.node == "torch", cell.method == "full" else { return }
            (work.tensors, work.changedTensors) = (work.tensors + ["decoder.mask_token"], ["decoder.mask_token"])
            work.loadFindings = [Self.finding("drawn-weights")]
        }
        #expect(result.verdict.outcome == .agree)
        #expect(result.finding("drawn-weights")?.severity == .warning)
    }

    @Test("an output within the tolerance is not called beyond it where the weights are other ones")
    func closeOfOtherWeights() throws {
        let simulation = simulation()
        var observations = simulation.observations { cell, work in
            if cell.node == "torch" { (work.shift, work.rounding) = (1e-6, cell.method) }
        }
        for index in observations.indices where observations[index].cell.node == "torch" {
            // As where a decoder was drawn, which the encoder does not need.
            observations[index].weights.fingerprints?[0].digest = .of("drawn")
            observations[index].weights.digest = .of("all of them")
        }
        let result = Verification(plan: simulation.plan, observations: observations)
        let words = try #require(result.finding("witness")).evidence.joined(separator: " ")
        #expect(result.verdict.outcome == .disagree)
        #expect(words.contains("within the tolerance, of other weights or settings"), "\(words)")
        #expect(!words.contains("beyond the tolerance"), "\(words)")
    }

    @Test("a witness's cell is replayed against an engine's, and an engine's cell against another that had to agree")
    func partners() throws {
        let observed = simulation().observations { cell, work in if cell.node == "torch" { work.rounding = cell.method }
        }
        let replayed = try #require(ReplayedCell(Cell(node: "torch", method: "full", batch: 0), in: observed))
        #expect(replayed.reference?.cell == Cell(node: "n1", method: "full", batch: 0))
        let engine = try #require(ReplayedCell(Cell(node: "n1", method: "full", batch: 0), in: observed))
        #expect(engine.reference?.cell == Cell(node: "n2", method: "full", batch: 0))
    }

    @Test(
        "nothing is asked of a witness for other bits; beyond the tolerance both sides are asked for tokens of the image"
    )
    func questions() throws {
        let simulation = simulation()
        func ask(_ change: (Cell, inout SimulatedWork) -> Void) -> [FollowUp.Question] {
            FollowUp.questions(1, simulation.observations(change))
        }
        #expect(
            ask { cell, work in if cell.node == "torch" { (work.rounding, work.shift) = (cell.method, 1e-6) } } == [])
        let asked = ask { cell, work in if cell.node == "torch" { work.shift = 1e-2 } }
        #expect(asked.map(\.cell.node) == ["n1", "torch"] && asked.map(\.cell.method) == ["full", "full"])
        let examination = try #require(asked.first?.examination)
        #expect(examination.wantsStates && examination.layer == .embeddings && examination.images.count == 1)
        let explained = ask { cell, work in
            if cell.node == "torch", cell.method == "full" {
                (work.shift, work.loadFindings) = (1, [Self.finding("training-mode")])
            }
        }
        #expect(explained.isEmpty)
        // It says what it may have computed in, which is no proof.
        let rounded = ask { cell, work in
            if cell.node == "torch" { (work.shift, work.loadFindings) = (1e-2, [Self.finding("tf32", .warning)]) }
        }
        #expect(rounded.map(\.cell.node) == ["n1", "torch"])
    }

    @Test("the tokens of both sides say after which layer they part")
    func parting() throws {
        let simulation = simulation()
        var observations = simulation.observations { cell, work in if cell.node == "torch" { work.shift = 1e-2 } }
        func answer(_ node: String, _ offsets: [Float]) -> Observation {
            var work = SimulatedWork()
            (work.attempt, work.shift) = (1, node == "torch" ? 1e-2 : 0)
            var again = simulation.observation(Cell(node: node, method: "full", batch: 0), work)
            let states = offsets.flatMap { offset in (0..<6).map { Float($0) + offset } }
            again.examination = ExaminationAnswer(
                layer: .embeddings, operations: [], images: [],
                states: Tensor(shape: [offsets.count, 2, 3], elements: states))
            return again
        }
        observations += [answer("n1", [0, 0, 0]), answer("torch", [1e-6, 2e-6, 0.5])]
        let result = Verification(plan: simulation.plan, observations: observations)
        let finding = try #require(result.finding("class-gap"))
        let told = finding.evidence.first {
            $0.hasPrefix("The first layer beyond the tolerance is `vit.encoder.layer.1`: tokens lie up to ")
        }
        #expect(told?.contains(" apart before it, and up to 0.5 apart after it (image ") == true, "\(finding.evidence)")
    }
}
