import MAEDomain
import MAEFiles
import MAETensor
import Testing

@testable import MAEVerify
@testable import VerifyTestSupport

/// The forum thread that the product comes from, cause by cause, each by itself on one machine as there.
@Suite("The thread's causes")
struct ThreadScenarioTests {
    static let thread = [
        LoadingMethod(kind: .pretrained, label: "pretrained", path: "facebook/vit-mae-base"),
        LoadingMethod(kind: .full, label: "full", path: "vit_mae_from_hugging_face.cpkt"),
        LoadingMethod(kind: .stateDict, label: "state-dict", path: "vit_mae_from_hugging_face_statedict.pth"),
    ]
    let simulation = Simulation(nodes: ["laptop"], methods: thread, noise: .sequential)

    @Test("three forwards draw three masks: the noise is named as the only cause")
    func masks() throws {
        let result = simulation.verify()
        #expect(result.verdict.outcome == .disagree)
        #expect(result.causes == ["noise-not-shared"])
        let finding = try #require(result.finding("noise-not-shared"))
        #expect(finding.sentence.contains("`sequential`"))
        #expect(finding.sentence.contains("draw 0 for `pretrained`, draw 1 for `full` and draw 2 for `state-dict`"))
        #expect(result.comparison.pairs.allSatisfy { $0.relation == .differs(at: .noise) })
    }

    @Test("mask_ratio 0 under sequential noise agrees bit for bit, and a note says why PyTorch cannot")
    func permuted() throws {
        let result = simulation.verify { _, work in work.maskRatio = MaskRatio(0, from: .flag) }
        #expect(result.verdict.outcome == .agree)
        #expect(result.codes == ["permuted-tokens", "one-node"])
        let note = try #require(result.finding("permuted-tokens"))
        #expect(note.severity == .note)
        #expect(note.sentence.contains("bit for bit"))
        #expect(note.sentence.contains("1e-7"))
        #expect(result.comparison.pairs.allSatisfy { $0.reordered && $0.relation == .identical })
    }

    /// The pickled model that was saved and the older one that was loaded in its place.
    private static let pickled = [
        LoadingMethod(kind: .full, label: "full", path: "vit_mae_from_hugging_face.pth"),
        LoadingMethod(kind: .full, label: "full-2", path: "vit_mae_from_hugging_face.cpkt"),
    ]

    /// Files that were written at different times.
    private func plan(_ simulation: Simulation, _ times: [String: Double]) -> RunPlan {
        var plan = simulation.plan
        plan.checkpoints = times.map { path, time in
            let digest = SHA256Digest.of(path)
            return CheckpointFiles(
                .checkpoint, path: path, digest: digest,
                files: [.init(name: path, size: 1, digest: digest, modified: time)])
        }
        return plan
    }

    @Test("the .cpkt beside the .pth is called another, older file, with its mask ratio and where it came from")
    func staleFile() throws {
        let simulation = Simulation(nodes: ["laptop"], methods: Self.pickled, noise: .sequential)
        let observed = simulation.verify { cell, work in
            work.maskRatio = MaskRatio(cell.method == "full" ? 0 : 0.75, from: .pickledConfig)
        }
        let result = Verification(
            plan: plan(simulation, [Self.pickled[0].path: 5000, Self.pickled[1].path: 1000]),
            observations: observed.comparison.cells)
        #expect(result.causes == ["stale-file"])
        let finding = try #require(result.finding("stale-file"))
        #expect(finding.sentence.contains("`full-2` reads vit_mae_from_hugging_face.cpkt"))
        #expect(
            finding.sentence.contains("mask_ratio 0.75 (from the configuration pickled inside the file) instead of 0"))
        #expect(finding.sentence.contains("It is older"))
        #expect(finding.python == "model = torch.load(\"vit_mae_from_hugging_face.pth\", weights_only=False)")
        #expect(finding.evidence.contains { $0.contains(".cpkt and .pth") })
        #expect(finding.evidence.contains("The weights of the two files are the same."))
        #expect(finding.cells.map(\.method) == ["full-2"])
        // Without times and other files nobody is blamed.
        #expect(observed.finding("stale-file")?.sentence.contains("Nothing tells which") == true)
        #expect(observed.finding("stale-file")?.python == nil)
    }

    @Test("a file is not called stale for a ratio that only --config or a flag states", arguments: [true, false])
    func silentFile(byFlag: Bool) {
        let result = simulation.verify { cell, work in
            work.maskRatio =
                cell.method == "full"
                ? MaskRatio(0.75, from: .pickledConfig) : MaskRatio(0, from: byFlag ? .flag : .configOption)
            guard cell.method == "full" else { return }
            work.loadFindings = [
                LoadFinding(
                    code: "different-sibling", severity: .warning, text: "x.pth was written 3 days after x.cpkt")
            ]
        }
        #expect(result.causes == ["mask-ratio-differs"])
        #expect(result.codes.contains("permuted-tokens"))
        #expect(result.finding("mask-ratio-differs")?.evidence.contains { $0.contains("written 3 days after") } == true)
    }

    @Test("of three files the one with other weights than the two others is the stale one")
    func outvotedFile() throws {
        let result = simulation.verify { cell, work in
            work.maskRatio = MaskRatio(0, from: .flag)
            if cell.method == "state-dict" { work.weights = "last month" }
        }
        let finding = try #require(result.finding("stale-file"))
        #expect(finding.sentence.hasPrefix("`state-dict` reads"))
        #expect(finding.sentence.contains("outvoted"))
    }

    @Test("all of it at once: the file and the noise are both named, the permutation is not blamed")
    func everything() {
        let result = simulation.verify { cell, work in
            work.maskRatio = MaskRatio(0.75, from: cell.method == "full" ? .pickledConfig : .flag)
            if cell.method == "full" { work.weights = "last month" }
        }
        #expect(result.causes == ["stale-file", "noise-not-shared"])
        #expect(result.verdict.sentence.contains("And 1 further cause."))
    }

    @Test("a comparison that compares nothing, as their second loop did, is never an agreement")
    func nothing() {
        let one = Simulation(nodes: ["laptop"], methods: [Self.thread[0]]).verify()
        #expect(one.verdict.outcome == .nothingCompared)
        #expect(one.verdict.outcome.exitCode == 3)
        let none = Verification(plan: simulation.plan, observations: [])
        #expect(none.verdict.outcome == .nothingCompared)
    }

    @Test("a flipped bit among permuted tokens is named alone; the permutation is not called unexplained")
    func flipAmongPermuted() {
        var simulation = simulation
        simulation.nodes = ["n1", "n2", "n3"]
        let result = simulation.verify { cell, work in
            work.maskRatio = MaskRatio(0, from: .flag)
            if cell.node == "n2", cell.method == "full" { work.outputFault = "flip" }
        }
        #expect(result.codes == ["intermittent", "permuted-tokens"])
    }

    @Test("PyTorch's own order of sums passes by tolerance and is called rounding")
    func pyTorchOrder() throws {
        var simulation = simulation
        simulation.node = { Simulation.identity($0, backend: "pytorch", numericClass: "pytorch-2.13") }
        let result = simulation.verify { _, work in
            work.maskRatio = MaskRatio(0, from: .flag)
            work.shift = 4e-7
        }
        #expect(result.verdict.outcome == .agree)
        #expect(result.comparison.pairs.allSatisfy { $0.relation == .withinTolerance })
        let note = try #require(result.finding("permuted-tokens"))
        #expect(note.evidence.contains { $0.contains("Largest difference of the pooled outputs") })
    }

    @Test("a run with shared noise agrees, and says what PyTorch shows of the same model", arguments: [0.706, nil])
    func sequentialDraws(largest: Double?) throws {
        let agreeing = Simulation(nodes: ["laptop"], methods: Self.thread)
        var result = agreeing.verify()
        let before = result.findings
        result.add(
            SequentialDraws(
                method: "full", calls: 3, images: 8, largest: largest, obstacle: largest == nil ? "no file" : nil))
        let note = try #require(result.findings.first)
        #expect(result.findings == [note] + before)
        #expect(result.verdict.outcome == .agree)
        #expect(note.code == "masks-drawn-anew" && note.severity == .note)
        #expect(note.evidence.contains("The figure was not computed: no file.") == (largest == nil))
        #expect(note.sentence.contains(largest == nil ? "would differ. Here" : "differ by up to 0.706. Here"))
        #expect(note.python?.contains("noise=noise") == true)
        #expect(agreeing.verify().finding("masks-drawn-anew") == nil)
    }
}
