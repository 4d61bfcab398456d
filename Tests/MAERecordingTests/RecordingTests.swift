import MAERecording
import MAETensor
import TestSupport
import Testing

@Suite("Recordings of PyTorch, read")
struct RecordingTests {
    private func golden(_ name: String) throws -> Recording {
        try Recording(path: Goldens.path("explain/recordings/\(name).safetensors"))
    }

    @Test("models, weights, settings and calls are read as the recorder wrote them")
    func readsEverything() throws {
        let recording = try golden("base")
        #expect(recording.setting("torch")?.string?.hasPrefix("2.13.0") == true)
        #expect(recording.setting("threads")?.int == 1)
        #expect(recording.exception == nil && recording.detail == .blocks && recording.callsLeftOut == 0)
        let model = try #require(recording.models.first)
        #expect(model.className == "transformers.models.vit_mae.modeling_vit_mae.ViTMAEModel")
        #expect(!model.isTraining && !model.isCompiled && model.attention == "sdpa")
        #expect(model.weights.count == 38 && model.weights[0].name == "embeddings.cls_token")
        #expect(model.weights.allSatisfy { $0.sha256 != nil && $0.dtype == "float32" })
        let blocks = model.modules.filter { $0.role == .encoderBlock }
        #expect(blocks.map(\.index) == [0, 1] && blocks.map(\.path) == ["layers.0", "layers.1"])
        let call = try #require(recording.calls.first)
        #expect(call.masking?.maskRatio == 0.75 && call.masking?.isNoiseGiven == true)
        #expect(call.masking?.noise?.shape == [2, 16] && call.masking?.idsRestore?.dtype == "int64")
        #expect(call.modules[0].parent == nil && call.modules.dropFirst().allSatisfy { $0.parent != nil })
    }

    @Test("references lead to what they name, under their own name")
    func followsReferences() throws {
        let recording = try golden("base")
        let call = recording.calls[0]
        let model = recording.models[0]
        let block = try #require(call.modules.first { model.modules[$0.module].path == "layers.1" })
        let before = try #require(call.modules.first { model.modules[$0.module].path == "layers.0" })
        #expect(block.inputs[0].sha256 != nil && block.inputs[0].sha256 == before.outputs[0].sha256)
        #expect(call.modules[0].outputs[0].name == "last_hidden_state" && call.modules[0].outputs[0].rowsSHA256 != nil)
    }

    @Test("tensors that were kept have the digest that is told of them")
    func readsTensors() throws {
        let recording = try golden("base-kept")
        let call = recording.calls[0]
        let input = try #require(call.modules[0].inputs.first)
        #expect(try recording.tensor(of: input)?.shape == [2, 1, 32, 32])
        let pooled = try #require(call.pooled)
        let means = try #require(try recording.tensor(of: pooled))
        #expect(means.digest() == pooled.sha256)
        let bare = try golden("base-bare").calls[0]
        #expect(bare.pooled?.tensor == nil && bare.pooled?.sha256 == pooled.sha256)
    }

    @Test("the order of the patches is read where it was kept")
    func readsIntegers() throws {
        let recording = try golden("base")
        let order = try #require(recording.calls[0].masking?.idsRestore)
        let ranks = try #require(try recording.integers(of: order))
        #expect(ranks.count == 32 && ranks.prefix(16).sorted() == Array(0..<16))
        #expect(try recording.tensor(of: order) == nil)
    }

    @Test("a tensor that is not what its digest says is refused")
    func refusesOtherTensor() throws {
        let folder = try TemporaryDirectory()
        var file = try RecordingFile(Goldens.path("explain/recordings/base.safetensors"))
        let other = String(repeating: "ab", count: 32)
        file.set("calls.0.pooled.sha256", to: other)
        let recording = try Recording(path: folder.write("a.safetensors", file.bytes()))
        let pooled = try #require(recording.calls[0].pooled)
        let error = try #require(throws: (any Error).self) { try recording.tensor(of: pooled) }
        #expect("\(error)".contains("does not have the SHA-256"))
    }

    @Test("what throws is kept with its call, and how the recording ended")
    func readsExceptions() throws {
        let recording = try golden("thrown")
        #expect(recording.exception?.contains("ValueError") == true)
        #expect(recording.calls.count == 2 && recording.calls[1].modules[0].error?.contains("ValueError") == true)
    }

    @Test("checkpoints and other files are no recordings")
    func tellsRecordings() {
        #expect(Recording.isOne(Goldens.path("explain/recordings/base.safetensors")))
        for other in ["recordings/hub/model.safetensors", "half.pth", "nothing"] {
            #expect(!Recording.isOne(Goldens.path("explain/" + other)))
        }
    }
}
