import MAETensor
import TestSupport
import Testing

@testable import MAEFormats

@Suite("Files of real PyTorch")
struct TorchGoldenTests {
    @Test("every weight has the bits that PyTorch wrote, under its name")
    func stateDictByName() throws {
        let file = try TorchFile.open(Goldens.path("checkpoints/state4.pth"))
        #expect(file.format == .zipArchive)
        #expect(file.byteOrder == "little")
        #expect(file.version == "3")
        #expect(file.findings == [])
        let weights = try GoldenTensors.weights()
        let state = try #require(file.root.dictionary)
        #expect(state.count == weights.count)
        for (key, value) in state {
            let name = try #require(key.string)
            let weight = try #require(weights[name], "\(name) is no weight")
            let tensor = try #require(value.tensor).tensor.tensor()
            #expect(tensor.shape == weight.shape, "\(name)")
            #expect(tensor.digest().description == weight.sha256, "\(name)")
        }
        #expect(state.state?["_metadata"]?.dictionary != nil)
    }

    @Test(
        "all ways of saving the same model give the same weights",
        arguments: [
            "state5.pth", "state-fp64.pth", "state-views.pth", "legacy-state.pth", "legacy-full.pth", "full4.pth",
            "full5.pth", "full-ratio0.pth", "lightning-full5.pth", "lightning-state5.pth", "ddp-state.pth",
            "hub-bin/pytorch_model.bin",
        ])
    func sameWeights(_ name: String) throws {
        let file = try TorchFile.open(Goldens.path("checkpoints/\(name)"))
        #expect(file.format == (name.hasPrefix("legacy") ? .legacy : .zipArchive))
        let expected = try GoldenTensors.weights().values.map(\.sha256).sorted()
        #expect(try GoldenTensors.digests(in: file.root) == expected)
        try file.verifyChecksums()
    }

    @Test("one changed element changes one weight")
    func wrongWeight() throws {
        let file = try TorchFile.open(Goldens.path("checkpoints/state-wrong.pth"))
        let expected = Set(try GoldenTensors.weights().values.map(\.sha256))
        #expect(try GoldenTensors.digests(in: file.root).filter { !expected.contains($0) }.count == 1)
    }

    @Test("half precision is widened", arguments: [("state-fp16.pth", DType.float16), ("state-bf16.pth", .bfloat16)])
    func halfPrecision(_ name: String, _ dtype: DType) throws {
        let whole = try TorchFile.open(Goldens.path("checkpoints/state5.pth"))
        let half = try TorchFile.open(Goldens.path("checkpoints/\(name)"))
        for (exact, rounded) in zip(GoldenTensors.all(in: whole.root), GoldenTensors.all(in: half.root)) {
            #expect(exact.path == rounded.path)
            #expect(rounded.tensor.tensor.dtype == dtype)
            let expected = try exact.tensor.tensor.tensor().elements.map { value in
                dtype == .float16 ? Float(Float16(value)) : Self.roundedToBFloat16(value)
            }
            #expect(try rounded.tensor.tensor.tensor().elements == expected, "\(exact.path)")
        }
    }

    @Test("a pickled model keeps its module tree and its configuration")
    func moduleTree() throws {
        let file = try TorchFile.open(Goldens.path("checkpoints/full5.pth"))
        let className = try #require(file.root.object?.className)
        #expect(className.hasSuffix(".ViTMAEForPreTraining"))
        let config = try #require(file.root.attribute("config"))
        #expect(config.object?.className?.hasSuffix(".ViTMAEConfig") == true)
        #expect(config.attribute("mask_ratio")?.double == 0.75)
        let vit = try #require(file.root.attribute("_modules")?["vit"])
        let weight = try #require(
            vit.attribute("_modules")?["layernorm"]?.attribute("_parameters")?["weight"]?.tensor)
        #expect(weight.isParameter)
        #expect(weight.requiresGradient)
        #expect(weight.device == "cpu")
        let ratio = try TorchFile.open(Goldens.path("checkpoints/full-ratio0.pth"))
        #expect(ratio.root.attribute("config")?.attribute("mask_ratio")?.double == 0)
    }

    @Test("views of one storage stay views of one storage")
    func sharedStorage() throws {
        let file = try TorchFile.open(Goldens.path("checkpoints/state-views.pth"))
        let tensors = GoldenTensors.all(in: file.root)
        #expect(Set(tensors.map(\.tensor.storageKey)).count < tensors.count)
        #expect(tensors.contains { !$0.tensor.tensor.isContiguous })
        let vectors = tensors.filter { $0.tensor.tensor.shape.count == 1 }.map(\.tensor)
        #expect(Set(vectors.map { $0.tensor.storage.bytes.baseAddress }).count == 1)
    }

    @Test("an archive's fp32 weights are looked at in the mapped file, not copied")
    func noCopies() throws {
        let file = try TorchFile.open(Goldens.path("checkpoints/state5.pth"))
        for (path, weight) in GoldenTensors.all(in: file.root) {
            let address = try weight.tensor.tensor().withUnsafeElements { UnsafeRawPointer($0.baseAddress) }
            #expect(address == weight.tensor.storage.bytes.baseAddress.map { $0 + weight.tensor.byteOffset }, "\(path)")
        }
    }

    /// Round to nearest even, on the bits.
    private static func roundedToBFloat16(_ value: Float) -> Float {
        let bits = value.bitPattern
        return Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000)
    }
}
