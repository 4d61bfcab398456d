import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Models that are not what they seem")
struct HostileModelTests {
    private typealias Entry = (key: PickleExpression, value: PickleExpression)

    private let folder: TemporaryDirectory
    private let golden: ModelCheckpoint

    init() throws {
        folder = try TemporaryDirectory()
        golden = try ModelCheckpoint.open(GoldenWeights.path("hub4"))
    }

    private func entries(_ change: (String, Tensor) -> Tensor = { $1 }) throws -> [Entry] {
        try golden.layout.parameters.map { parameter in
            let tensor = try #require(golden.tensors[parameter.name]).tensor()
            return (.string(parameter.name), .tensor(PickledTensor(change(parameter.name, tensor))))
        }
    }

    private func open(_ root: PickleExpression, configuration: String? = "hub4") throws -> ModelCheckpoint {
        let path = folder.file("model.pth")
        try TorchArchiveWriter.write(root, to: path)
        return try ModelCheckpoint.open(path, configuration: configuration.map(GoldenWeights.path))
    }

    private func refusal(_ root: PickleExpression) -> CheckpointError? {
        #expect(throws: CheckpointError.self) { try open(root) }
    }

    @Test("NaN and infinite weights are counted by name")
    func countsNonFiniteWeights() throws {
        let bad = "vit.layernorm.bias"
        let root = try entries { name, tensor in
            guard name == bad else { return tensor }
            return Tensor(shape: tensor.shape, elements: [.nan, -.infinity] + tensor.elements.dropFirst(2))
        }
        let fingerprints = try open(.dictionary(root)).fingerprints()
        #expect(fingerprints.entries.first { $0.name == bad }?.nonFiniteCount == 2)
        let findings = fingerprints.findings(at: "model.pth")
        #expect(findings.map(\.code) == [.nonFiniteWeights])
        #expect(findings.first?.message.contains("\(bad) (2)") == true)
        #expect(try golden.fingerprints().findings(at: "hub4").isEmpty)
    }

    @Test("a missing parameter is named and never made up")
    func namesMissingParameters() throws {
        let root = try entries().filter { entry in
            if case .string("vit.encoder.layer.1.output.dense.bias") = entry.key { false } else { true }
        }
        let error = refusal(.dictionary(root))
        #expect(error?.code == .missing)
        #expect(error?.message.contains("1 of 62") == true)
        #expect(error?.message.contains("vit.encoder.layer.1.output.dense.bias") == true)
    }

    @Test("one parameter under two names is refused")
    func refusesTwoNames() throws {
        let again: Entry = (.string("norm.bias"), .tensor(PickledTensor(Tensor(shape: [20], repeating: 0))))
        #expect(refusal(.dictionary(try entries() + [again]))?.code == .contradiction)
    }

    @Test("tensors that are no parameter are left out and listed")
    func listsUnexpectedKeys() throws {
        let extra: Entry = (.string("classifier.weight"), .tensor(PickledTensor(Tensor(shape: [2], repeating: 0))))
        let finding = try open(.dictionary(entries() + [extra])).findings.first { $0.code == .unexpectedKeys }
        #expect(finding?.message.contains("classifier.weight") == true)
    }

    @Test("what holds no ViT-MAE is refused, naming what it holds")
    func refusesOtherContent() {
        let module = PickledModuleNode("torch.nn.modules.linear", "Linear").pickle
        #expect(refusal(module)?.message.contains("torch.nn.modules.linear.Linear") == true)
        #expect(refusal(.list([]))?.message.contains("a list") == true)
        #expect(refusal(.dictionary([]))?.code == .unsupportedFormat)
        #expect(refusal(.dictionary([(.int(3), .none)]))?.code == .unsupportedFormat)
    }

    @Test("modules shared into 2^40 paths are refused within the budget")
    func refusesAModuleBomb() {
        var module = PickleExpression.shared(PickleSharedObject(PickledModuleNode("m", "Leaf").pickle))
        for _ in 0..<40 {
            let children: [Entry] = [(.string("a"), module), (.string("b"), module)]
            module = .shared(
                PickleSharedObject(
                    .object(
                        PickleGlobal(module: "m", name: "Pair"),
                        state: .dictionary([(.string("_modules"), .dictionary(children))]))))
        }
        #expect(refusal(module)?.code == .overBudget)
    }

    @Test("sizes are read off the shapes, and heads guessed from them")
    func infersAConfiguration() throws {
        var configuration = ViTMAEConfiguration(preset: .tiny)
        configuration.encoder = TransformerDimensions(
            hiddenSize: 128, layerCount: 1, headCount: 2, intermediateSize: 24)
        configuration.hasQKVBias = false
        configuration.channelCount = 1
        let model = try ModelWeights(drawing: configuration, seed: 4)
        for release in CheckpointWriter.Release.allCases {
            let path = folder.file("state-\(release.rawValue).pth")
            try CheckpointWriter.write(model, as: .stateDict, to: path, release: release)
            let checkpoint = try ModelCheckpoint.open(path)
            #expect(checkpoint.configuration.values == configuration)
            #expect(checkpoint.configuration.origin(of: .hiddenSize) == .shapes)
            #expect(checkpoint.configuration.origin(of: .headCount).isUncertain)
            #expect(checkpoint.configuration.origin(of: .maskRatio) == .transformersDefault)
            let finding = checkpoint.findings.first { $0.code == .guessedConfiguration }
            #expect(finding?.message.contains("num_attention_heads 2") == true)
        }
    }
}
