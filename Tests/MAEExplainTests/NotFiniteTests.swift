import MAECheckpoint
import MAEDomain
import MAEExplain
import MAEFormats
import MAETensor
import MAEVerify
import TestSupport
import Testing

@Suite("Outputs that are not finite")
struct NotFiniteTests {
    private let site: ThreadSite

    init() throws { site = try ThreadSite() }

    /// The thread's weights as a file of safetensors in which element 3 of `name` is `value`.
    private func changed(_ name: String, to value: Float) throws -> GivenFile {
        let path = site.folder.file("changed.safetensors")
        let checkpoint = try ModelCheckpoint.open(site.files.hub)
        let tensors: [(String, Tensor)] = try checkpoint.layout.parameters.map { parameter in
            let tensor = try #require(checkpoint.tensors[parameter.name]).tensor()
            var elements = tensor.elements
            if parameter.name == name { elements[3] = value }
            return (parameter.name, Tensor(shape: tensor.shape, elements: elements))
        }
        try SafetensorsWriter.write(tensors, metadata: ["format": "pt"], to: path)
        return GivenFile(CheckpointReference(path))
    }

    @Test("a model with NaN in its weights is named with the first tensor that holds one, and agrees with nothing")
    func namesNaNWeights() throws {
        let broken = try changed("vit.encoder.layer.1.layernorm_before.weight", to: .nan)
        for ratio in [0.75, 0] {
            let file = GivenFile(broken.reference, maskRatio: ratio)
            let explanation = try site.explain([file, file])
            let finding = try #require(explanation.findings.first)
            #expect(finding.code == "output-not-finite" && finding.severity == .error)
            #expect(finding.sentence.contains("changed.safetensors"))
            #expect(finding.evidence.first?.contains("vit.encoder.layer.1.layernorm_before.weight: 1 of 16") == true)
            #expect(explanation.outcome == .disagree)
            let pair = try #require(explanation.prediction?.pairs.first)
            #expect([pair.asTheyRun, pair.sameMask, pair.unmasked] == [.notFinite, .notFinite, .notFinite])
            #expect(explanation.prediction?.rounding == nil)
            #expect(!explanation.codes.contains("permuted-tokens"))
        }
    }

    @Test("finite weights whose products leave fp32 are told from NaN in the weights")
    func tellsOverflow() throws {
        let broken = try changed("vit.layernorm.weight", to: .greatestFiniteMagnitude)
        let explanation = try site.explain([broken, site.file(.first, ThreadSite.weights)])
        let finding = try #require(explanation.findings.first { $0.code == "output-not-finite" })
        #expect(finding.sentence.contains("changed.safetensors") && !finding.sentence.contains(ThreadSite.weights))
        #expect(finding.evidence.first?.contains("All weights of the encoder are finite") == true)
        #expect(explanation.prediction?.pairs.first?.sameMask == .notFinite)
        #expect(explanation.prediction?.rounding != nil, "the finite model shows it")
    }

    @Test("two equal outputs full of NaN do not agree", arguments: [Float.nan, .infinity])
    func separatesNaNOutputs(value: Float) throws {
        let whole = try Tensor(npy: "\(site.folder.path)/first/out1.npy")
        let path = site.folder.file("broken.npy")
        try Tensor(shape: whole.shape, elements: [value] + whole.elements.dropFirst()).writeNpy(to: path)
        let broken = GivenFile(CheckpointReference(path))
        for models in [[], [site.file(.first, ThreadSite.pickled)]] {
            let explanation = try site.explain(models + [broken, broken])
            #expect(explanation.outputPairs.map(\.cause) == [.notFinite])
            #expect(explanation.outputPairs.allSatisfy { $0.isReal && $0.difference == nil })
            #expect(explanation.outcome == .disagree)
            let finding = try #require(explanation.findings.first)
            #expect(finding.code == "output-not-finite" && finding.severity == .error)
            #expect(finding.sentence.contains("`broken.npy` is not finite: 1 of its 128 values"))
            #expect(!explanation.codes.contains("output-unknown"))
        }
        let alone = try site.explain([broken])
        #expect(alone.outcome == .disagree)
    }

    @Test("an output of NaN is not that of a model of NaN")
    func recognizesNoNaN() throws {
        let broken = try changed("vit.layernorm.weight", to: .nan)
        let path = site.folder.file("broken.npy")
        try Tensor(shape: [8, 16], repeating: .nan).writeNpy(to: path)
        let explanation = try site.explain([broken, GivenFile(CheckpointReference(path))])
        #expect(explanation.recognized.isEmpty && explanation.unrecognized.count == 1)
        #expect(explanation.codes.filter { $0 == "output-not-finite" }.count == 2)
    }

    @Test("repeated calls of a model of NaN have no largest difference")
    func predictsNoNaN() throws {
        let broken = try changed("vit.layernorm.weight", to: .nan)
        let method = LoadingMethod(
            kind: .stateDict, label: "a", path: broken.reference.path, configPath: site.files.hub)
        let plan = RunPlan(run: "r", seed: 42, batches: 1, batchSize: 2, methods: [method, method], workers: 1)
        #expect(SequentialDraws.predict(method, in: plan).largest == nil)
    }
}
