import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

/// A golden checkpoint and what must be seen in it.
struct GoldenForm: Sendable, CustomTestStringConvertible {
    let name: String
    let method: LoadingChoice
    let container: CheckpointFormat.Container
    let dialect: ParameterDialect
    var prefix = ""
    var maskRatio = 0.75
    var needsConfiguration = false
    var codes: Set<CheckpointFinding.Code> = []

    var testDescription: String { name }

    static let all: [GoldenForm] = [
        .init(name: "hub4", method: .pretrained, container: .safetensors, dialect: .transformers4),
        .init(
            name: "hub5", method: .pretrained, container: .safetensors, dialect: .transformers5Disk,
            codes: [.limitedReaders]),
        .init(
            name: "hub-sharded", method: .pretrained, container: .safetensors, dialect: .transformers5Disk,
            codes: [.limitedReaders]),
        .init(name: "hub-bin", method: .pretrained, container: .torchArchive, dialect: .transformers4),
        .init(
            name: "full5.pth", method: .full, container: .torchArchive, dialect: .transformers5Memory,
            codes: [.limitedReaders]),
        .init(
            name: "full4.pth", method: .full, container: .torchArchive, dialect: .transformers4,
            codes: [.limitedReaders]),
        .init(
            name: "full-ratio0.pth", method: .full, container: .torchArchive, dialect: .transformers5Memory,
            maskRatio: 0, codes: [.limitedReaders]),
        .init(
            name: "full4-ratio0.pth", method: .full, container: .torchArchive, dialect: .transformers4, maskRatio: 0,
            codes: [.limitedReaders]),
        .init(
            name: "legacy-full.pth", method: .full, container: .torchLegacy, dialect: .transformers5Memory,
            codes: [.limitedReaders]),
        .init(
            name: "lightning-full5.pth", method: .full, container: .torchArchive, dialect: .transformers5Memory,
            prefix: "model.", codes: [.limitedReaders]),
        .init(
            name: "state5.pth", method: .stateDict, container: .torchArchive, dialect: .transformers5Memory,
            needsConfiguration: true, codes: [.limitedReaders]),
        .init(
            name: "state4.pth", method: .stateDict, container: .torchArchive, dialect: .transformers4,
            needsConfiguration: true, codes: [.limitedReaders]),
        .init(
            name: "legacy-state.pth", method: .stateDict, container: .torchLegacy, dialect: .transformers5Memory,
            needsConfiguration: true, codes: [.limitedReaders]),
        .init(
            name: "state.safetensors", method: .stateDict, container: .safetensors, dialect: .transformers5Memory,
            needsConfiguration: true, codes: [.limitedReaders]),
        .init(
            name: "state-views.pth", method: .stateDict, container: .torchArchive, dialect: .transformers5Memory,
            needsConfiguration: true, codes: [.limitedReaders, .sharedStorage]),
        .init(
            name: "ddp-state.pth", method: .stateDict, container: .torchArchive, dialect: .transformers5Memory,
            prefix: "module.", needsConfiguration: true, codes: [.limitedReaders]),
        .init(
            name: "lightning-state5.pth", method: .stateDict, container: .torchArchive,
            dialect: .transformers5Memory, prefix: "model.", needsConfiguration: true, codes: [.limitedReaders]),
        .init(
            name: "lightning.ckpt", method: .stateDict, container: .torchArchive, dialect: .transformers5Memory,
            prefix: "model.", needsConfiguration: true, codes: [.limitedReaders]),
        .init(
            name: "lightning-hparams.ckpt", method: .stateDict, container: .torchArchive,
            dialect: .transformers5Memory, prefix: "model.", codes: [.limitedReaders]),
        .init(
            name: "facebookresearch.pth", method: .stateDict, container: .torchArchive, dialect: .original,
            needsConfiguration: true, codes: [.limitedReaders]),
    ]
}

@Suite("Golden checkpoints of PyTorch")
struct GoldenCheckpointTests {
    private func open(
        _ form: GoldenForm, method: LoadingChoice, comparesNeighbors: Bool = true
    ) throws -> ModelCheckpoint {
        try ModelCheckpoint.open(
            GoldenWeights.path(form.name), method: method,
            configuration: form.needsConfiguration ? GoldenWeights.path("hub4") : nil,
            comparesNeighbors: comparesNeighbors)
    }

    @Test("every form of one model opens to the same weights", arguments: GoldenForm.all)
    func opensToTheSameWeights(form: GoldenForm) throws {
        let checkpoint = try open(form, method: form.method)
        let golden = try GoldenWeights.read()
        let fingerprints = try checkpoint.fingerprints()
        #expect(fingerprints.entries.count == golden.count)
        for entry in fingerprints.entries {
            #expect(entry.sha256.description == golden[entry.name]?.sha256, "\(entry.name)")
            #expect(entry.shape == golden[entry.name]?.shape, "\(entry.name)")
        }
        #expect(checkpoint.configuration.values.encoder.headCount == 4)
        #expect(checkpoint.configuration.values.imageSize == ImageExtent(square: 15))
        #expect(checkpoint.configuration.values.maskRatio == form.maskRatio)
    }

    @Test("the method, container, names and prefix of a form are seen by its content", arguments: GoldenForm.all)
    func seesTheForm(form: GoldenForm) throws {
        let checkpoint = try open(form, method: .automatic)
        #expect(checkpoint.method == form.method)
        #expect(checkpoint.format.container == form.container)
        #expect(checkpoint.format.dialect == form.dialect)
        #expect(checkpoint.format.prefix == form.prefix)
        #expect(checkpoint.hasDecoder)
        let codes = Set(checkpoint.findings.map(\.code)).subtracting([.fileOddity])
        #expect(codes == form.codes, "\(checkpoint.findings)")
    }

    @Test("a file asked for by the wrong method is refused, naming the right one")
    func refusesTheWrongMethod() throws {
        let cases: [(String, LoadingChoice, String)] = [
            ("state5.pth", .full, "state-dict"), ("full5.pth", .stateDict, "method full"),
            ("hub4", .full, "pretrained"), ("hub4", .stateDict, "pretrained"),
            ("full5.pth", .pretrained, "full"), ("state.safetensors", .full, "state-dict"),
        ]
        for (name, method, remedy) in cases {
            let error = #expect(throws: CheckpointError.self) {
                try ModelCheckpoint.open(GoldenWeights.path(name), method: method)
            }
            #expect(error?.code == .unsupportedFormat)
            #expect(error?.message.contains(remedy) == true, "\(name): \(String(describing: error))")
        }
    }

    @Test("weights in half and double precision are converted and reported", arguments: ["fp16", "bf16", "fp64"])
    func convertsOtherPrecisions(precision: String) throws {
        let reference = try ModelCheckpoint.open(GoldenWeights.path("hub4"))
        let checkpoint = try ModelCheckpoint.open(
            GoldenWeights.path("state-\(precision).pth"), configuration: GoldenWeights.path("hub4"))
        for name in checkpoint.layout.parameters.map(\.name) {
            let exact = try #require(try reference.tensors[name]?.tensor().elements)
            let stored = try #require(try checkpoint.tensors[name]?.tensor().elements)
            let rounded: [Float] = exact.map {
                switch precision {
                case "fp16": Float(Float16($0))
                case "bf16": Self.roundedToBFloat16($0)
                default: $0
                }
            }
            #expect(stored == rounded, "\(name)")
        }
        #expect(checkpoint.findings.contains { $0.code == .convertedDType && $0.severity == .warning })
    }

    private static func roundedToBFloat16(_ value: Float) -> Float {
        let bits = value.bitPattern
        return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
    }

    @Test("a half-precision hub directory opens, and says so")
    func opensHalfPrecisionDirectory() throws {
        let checkpoint = try ModelCheckpoint.open(GoldenWeights.path("hub-fp16"))
        #expect(checkpoint.format.dtypes == [.float16: checkpoint.tensors.count])
        #expect(checkpoint.findings.contains { $0.code == .convertedDType })
    }

    @Test("one changed weight is found, with its name, place and size")
    func findsOneChangedWeight() throws {
        let right = try ModelCheckpoint.open(
            GoldenWeights.path("state5.pth"), configuration: GoldenWeights.path("hub4"))
        let wrong = try ModelCheckpoint.open(
            GoldenWeights.path("state-wrong.pth"), configuration: GoldenWeights.path("hub4"))
        let difference = try ModelDifference(right, wrong)
        let tensor = try #require(difference.tensors.first)
        #expect(difference.tensors.count == 1)
        #expect(tensor.name == "vit.encoder.layer.1.output.dense.weight")
        #expect(tensor.index == [3, 5])
        #expect(tensor.differingCount == 1)
        #expect(abs(try #require(tensor.largest) - 0.125) < 1e-7)
        #expect(try right.fingerprints().sha256 != wrong.fingerprints().sha256)
        #expect(try ModelDifference(right, right).isEmpty)
    }

    @Test("a state dict whose head count cannot be guessed asks for a configuration")
    func asksForAConfiguration() throws {
        let error = #expect(throws: CheckpointError.self) {
            try ModelCheckpoint.open(GoldenWeights.path("state5.pth"))
        }
        #expect(error?.code == .missing)
        #expect(error?.message.contains("--config") == true)
    }
}
