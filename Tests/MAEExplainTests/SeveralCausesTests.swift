import Foundation
import MAECheckpoint
import MAEExplain
import MAEFormats
import MAETensor
import TestSupport
import Testing

@Suite("Two causes at once, and what is no cause")
struct SeveralCausesTests {
    private let site: ThreadSite

    init() throws { site = try ThreadSite() }

    /// The thread's weights with a number added to one of them, as a file of safetensors.
    private func shifted() throws -> GivenFile {
        let path = site.folder.file("shifted.safetensors")
        let checkpoint = try ModelCheckpoint.open(site.files.hub)
        let tensors: [(String, Tensor)] = try checkpoint.layout.parameters.map { parameter in
            let tensor = try #require(checkpoint.tensors[parameter.name]).tensor()
            guard parameter.name == "vit.layernorm.bias" else { return (parameter.name, tensor) }
            return (parameter.name, Tensor(shape: tensor.shape, elements: tensor.elements.map { $0 + 0.25 }))
        }
        try SafetensorsWriter.write(tensors, metadata: ["format": "pt"], to: path)
        return GivenFile(CheckpointReference(path))
    }

    /// Every token of an output, shifted as ``shifted()`` shifts it.
    private func shiftedOutput(_ script: ThreadFiles.Script, _ number: Int) throws -> GivenFile {
        let path = site.folder.file("shifted-\(number).npy")
        let torch = try TorchFile.open("\(site.folder.path)/\(script.rawValue)/layer_outputs.pt")
        let tokens = try #require(torch.root["encoder_layernorm_\(number)"]?.tensor).tensor.tensor()
        try Tensor(shape: tokens.shape, elements: tokens.elements.map { $0 + 0.25 }).writeNpy(to: path)
        return GivenFile(CheckpointReference(path))
    }

    private func wholeOutput(_ script: ThreadFiles.Script, _ number: Int) -> GivenFile {
        site.file(script, "layer_outputs.pt#encoder_layernorm_\(number)")
    }

    @Test("other weights and another mask are two causes, each with its share")
    func tellsWeightsAndMasks() throws {
        let explanation = try site.explain([
            site.file(.first, ThreadSite.pickled), try shifted(), wholeOutput(.first, 1), try shiftedOutput(.first, 2),
        ])
        #expect(explanation.outputPairs.map(\.causes) == [[.models, .masks]])
        let codes = explanation.codes.filter { $0 == "models-differ" || $0 == "noise-not-shared" }
        #expect(codes.sorted() == ["models-differ", "noise-not-shared"])
        for code in ["models-differ", "noise-not-shared", "weights-differ"] {
            let finding = try #require(explanation.findings.first { $0.code == code })
            #expect(
                finding.evidence.contains { $0.contains("the weights alone make 0.25 (one mask for both)") },
                "\(finding)")
        }
    }

    @Test("other weights and another ratio are two causes, each with its share")
    func tellsWeightsAndRatio() throws {
        let files = [site.file(.second, ThreadSite.pickled), GivenFile(try shifted().reference, maskRatio: 0.75)]
        let predicted = try site.explain(files)
        for code in ["mask-ratio-differs", "weights-differ"] {
            let finding = try #require(predicted.findings.first { $0.code == code })
            #expect(finding.severity == .error)
            #expect(finding.evidence.contains { $0.contains("the weights alone make 0.25") }, "\(finding)")
        }
        let seen = try site.explain(files + [wholeOutput(.second, 1), try shiftedOutput(.second, 2)])
        #expect(seen.outputPairs.map(\.causes) == [[.maskRatios, .models]])
        #expect(seen.outputPairs.map(\.cause) == [.maskRatios])
    }

    @Test("ratios that keep as many patches are one ratio")
    func comparesKeptPatches() throws {
        let file = site.file(.first, ThreadSite.weights)
        // 4 of 16 patches stay at each ratio above 0.6875 and up to 0.75.
        let same = try site.explain([
            GivenFile(file.reference, maskRatio: 0.75), GivenFile(file.reference, maskRatio: 0.7),
        ])
        #expect(!same.codes.contains("mask-ratio-differs"))
        let other = try site.explain([
            GivenFile(file.reference, maskRatio: 0.75), GivenFile(file.reference, maskRatio: 0.76),
        ])
        #expect(other.codes.contains("mask-ratio-differs"))
    }

    @Test("a setting that was guessed is a warning that says how to state it")
    func warnsOfGuess() throws {
        // Heads 64 wide are guessed where nothing states them; these are 16 wide.
        var configuration = ViTMAEConfiguration()
        configuration.encoder = TransformerDimensions(
            hiddenSize: 64, layerCount: 1, headCount: 4, intermediateSize: 64)
        configuration.decoder = TransformerDimensions(
            hiddenSize: 64, layerCount: 1, headCount: 1, intermediateSize: 64)
        (configuration.imageSize, configuration.patchSize) = (ImageExtent(square: 16), ImageExtent(square: 4))
        let model = try ModelWeights(drawing: configuration, seed: 1)
        let (hub, weights) = (site.folder.file("hub"), site.folder.file("weights.pth"))
        try CheckpointWriter.write(model, as: .hub, to: hub)
        try CheckpointWriter.write(model, as: .stateDict, to: weights)
        let files = [hub, weights].map { GivenFile(CheckpointReference($0), maskRatio: 0) }
        let explanation = try Explainer().explain(ExplainRequest(files, batchSize: 2))
        let finding = try #require(explanation.findings.first { $0.code == "configuration-differs" })
        #expect(finding.severity == .warning)
        #expect(finding.sentence.contains("is a guess") && finding.remedy.contains("--config"))
        #expect(explanation.outcome == .incomplete)
        #expect(explanation.sentence.contains("guessed"))
        configuration.encoder.headCount = 2
        let other = site.folder.file("other")
        try CheckpointWriter.write(try ModelWeights(drawing: configuration, seed: 1), as: .hub, to: other)
        let stated = try Explainer().explain(
            ExplainRequest([files[0], GivenFile(CheckpointReference(other), maskRatio: 0)], batchSize: 2))
        #expect(stated.findings.first { $0.code == "configuration-differs" }?.severity == .error)
    }

    @Test("the remedy names the ratio that the program sets in Python, for the file that runs in that place")
    func namesRatioSetInPython() throws {
        let explanation = try site.explain([
            site.file(.second, ThreadSite.pickled), site.file(.second, ThreadSite.stale),
            site.file(.second, ThreadSite.weights), site.file(.second, "layer_outputs.pt"),
        ])
        let finding = try #require(explanation.findings.first { $0.code == "output-ratio-differs" })
        #expect(finding.severity == .warning)
        #expect(finding.remedy == "Say it with the file: `\(ThreadSite.weights)@mask_ratio=0`.")
    }

    @Test("outputs that together take too much are refused before memory is taken for them")
    func boundsOutputs() throws {
        // 3 · 2³⁰ numbers of two bytes in a file with a hole.
        let head = "{'descr': '<f2', 'fortran_order': False, 'shape': (\(3 << 26), 16), }"
        let text = Array((head + String(repeating: " ", count: 117 - head.count) + "\n").utf8)
        let path = try site.folder.write("huge.npy", [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + text)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: UInt64(6 << 30))
        let error = try #require(throws: CheckpointError.self) {
            try site.explain([GivenFile(CheckpointReference(path))])
        }
        #expect(error.code == .overBudget && error.message.contains("to 12885 MB as float32"), "\(error.message)")
    }
}
