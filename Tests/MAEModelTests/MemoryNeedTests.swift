import MAECheckpoint
import MAECompute
import Testing

@testable import MAEEngine

@Suite("Memory need")
struct MemoryNeedTests {
    @Test("a batch that no machine holds is refused with what it would take", arguments: [1 << 40, Int.max])
    func refused(images: Int) throws {
        let error = #expect(throws: ComputeError.self) {
            try MemoryNeed.check(images: images, ViTMAEConfiguration(preset: .base))
        }
        #expect(error?.code == .outOfMemory)
        #expect(error?.message.contains("GiB") == true)
    }

    @Test("an ordinary batch passes")
    func accepted() throws {
        try MemoryNeed.check(images: 8, ViTMAEConfiguration(preset: .base))
    }
}
