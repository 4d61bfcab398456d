import MAECPU
import MAECheckpoint
import MAECompute
import MAEModel
import MAETensor
import TestSupport
import Testing

@testable import MAEEngine

@Suite("Memory need")
struct MemoryNeedTests {
    private static let path = Goldens.path("checkpoints/hub5")

    private func need(_ images: Int, kept: Int = 16, perPass: Int = 16, decodes: Bool = false) throws -> MemoryNeed {
        let model = try Engine().load(Self.path).model
        return MemoryNeed(images: images, kept: kept, decodes: decodes, imagesPerPass: perPass, of: model)
    }

    @Test(
        "a batch that no machine holds is refused with what it would take and what there is",
        arguments: [1 << 40, Int.max])
    func refused(images: Int) throws {
        for perPass in [16, images] {
            let error = #expect(throws: ComputeError.self) {
                try need(images, perPass: perPass).check(available: 3 << 29)
            }
            #expect(error?.code == .outOfMemory)
            #expect(error?.message.contains("TiB of memory") == true)
            #expect(error?.message.contains("has 1.5 GiB left") == true)
        }
    }

    @Test("what is needed fits, a byte less does not")
    func limit() throws {
        let need = try need(8)
        try need.check(available: Int(need.bytes))
        #expect(throws: ComputeError.self) { try need.check(available: Int(need.bytes) - 1) }
    }

    @Test("a pass counts once, however many parts a batch has; the decoder and more images together count more")
    func passes() throws {
        let (one, two) = (try need(16).bytes, try need(32).bytes)
        #expect(two < 2 * one)
        #expect(try need(32, perPass: 32).bytes > two)
        #expect(try need(16, decodes: true).bytes > one)
        #expect(try need(16, kept: 4).bytes < one)
    }

    @Test("the memory of a pass is counted until its program is compiled")
    func compiled() throws {
        let loaded = try Engine().load(Self.path)
        let kept = loaded.model.configuration.keptCount()
        #expect(loaded.model.memoryNeed(images: 2, kept: kept, decodes: false) > 0)
        _ = try loaded.run(BatchRequest(seed: 1, pixels: .seeded(images: 2)))
        #expect(loaded.model.memoryNeed(images: 2, kept: kept, decodes: false) == 0)
        #expect(loaded.model.memoryNeed(images: 3, kept: kept, decodes: false) > 0)
    }

    @Test("weights count as fp32")
    func weights() throws {
        let layout = ParameterLayout(ViTMAEConfiguration(preset: .base))
        let need = MemoryNeed(weights: layout.elementCount, at: "/models/base")
        #expect(need.bytes == Double(4 * layout.elementCount))
        let error = #expect(throws: ComputeError.self) { try need.check(available: 1000) }
        #expect(error?.message.contains("/models/base") == true)
        #expect(error?.message.contains("426.") == true && error?.message.contains("1000.0 bytes") == true)
    }
}
