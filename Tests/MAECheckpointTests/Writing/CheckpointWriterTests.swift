import Foundation
import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Writing checkpoints")
struct CheckpointWriterTests {
    private static func golden() throws -> ModelCheckpoint {
        try ModelCheckpoint.open(GoldenWeights.path("hub4"))
    }

    @Test(
        "every form that is written opens to the same weights and configuration",
        arguments: CheckpointWriter.Form.allCases, CheckpointWriter.Release.allCases)
    func readsWhatItWrote(form: CheckpointWriter.Form, release: CheckpointWriter.Release) throws {
        let golden = try Self.golden()
        let folder = try TemporaryDirectory()
        let path = folder.file("model")
        try CheckpointWriter.write(try ModelWeights(golden), as: form, to: path, release: release)
        let method: LoadingChoice =
            switch form {
            case .hub: .pretrained
            case .full: .full
            case .stateDict, .lightning: .stateDict
            }
        let written = try ModelCheckpoint.open(
            path, method: method, configuration: form == .stateDict ? GoldenWeights.path("hub4") : nil)
        #expect(try written.fingerprints().sha256 == golden.fingerprints().sha256)
        #expect(written.configuration.values == golden.configuration.values)
        #expect(written.format.dialect == (form == .hub ? .transformers4 : release.dialect))
        #expect(written.findings.allSatisfy { $0.code == .limitedReaders })
    }

    @Test("the same model gives the same bytes", arguments: [CheckpointWriter.Form.full, .stateDict, .lightning])
    func isDeterministic(form: CheckpointWriter.Form) throws {
        let model = try ModelWeights(Self.golden())
        let folder = try TemporaryDirectory()
        for name in ["one", "two"] { try CheckpointWriter.write(model, as: form, to: folder.file(name)) }
        #expect(FileManager.default.contentsEqual(atPath: folder.file("one"), andPath: folder.file("two")))
    }

    @Test("an encoder alone stays one in every form", arguments: CheckpointWriter.Form.allCases)
    func writesAnEncoder(form: CheckpointWriter.Form) throws {
        let golden = try Self.golden()
        let layout = ParameterLayout(golden.configuration.values, parts: [.encoder])
        let tensors = try Dictionary(
            uniqueKeysWithValues: layout.parameters.map { ($0.name, try #require(golden.tensors[$0.name]).tensor()) })
        let model = ModelWeights(configuration: golden.configuration.values, layout: layout, tensors: tensors)
        let folder = try TemporaryDirectory()
        try CheckpointWriter.write(model, as: form, to: folder.file("encoder"))
        let written = try ModelCheckpoint.open(
            folder.file("encoder"), configuration: form == .stateDict ? GoldenWeights.path("hub4") : nil)
        #expect(!written.hasDecoder)
        #expect(written.findings.contains { $0.code == .encoderOnly })
        #expect(written.tensors.count == layout.parameters.count)
    }

    @Test("a directory that holds weights of another form is left alone")
    func refusesAForeignDirectory() throws {
        let model = try ModelWeights(Self.golden())
        let copy = try HubCopy(of: "hub-bin")
        let error = #expect(throws: CheckpointError.self) {
            try CheckpointWriter.write(model, as: .hub, to: copy.path)
        }
        #expect(error?.code == .contradiction)
        #expect(!FileManager.default.fileExists(atPath: copy.path + "/model.safetensors"))
    }

    @Test("a place that cannot be written is refused and nothing is left")
    func refusesAnUnwritablePlace() throws {
        let model = try ModelWeights(Self.golden())
        let folder = try TemporaryDirectory()
        for form in CheckpointWriter.Form.allCases {
            let error = #expect(throws: CheckpointError.self) {
                try CheckpointWriter.write(model, as: form, to: folder.file("no/such/folder"))
            }
            #expect(error?.code == .unwritableFile)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("an activation whose module cannot be pickled is refused, naming a way round")
    func refusesAnActivation() throws {
        var configuration = ViTMAEConfiguration(preset: .tiny)
        configuration.hiddenActivation = .selu
        let model = try ModelWeights(drawing: configuration, seed: 1)
        let folder = try TemporaryDirectory()
        let error = #expect(throws: CheckpointError.self) {
            try CheckpointWriter.write(model, as: .full, to: folder.file("model.pth"))
        }
        #expect(error?.message.contains("hub directory") == true)
    }
}
