import ComputeTestSupport
import MAECompute
import MAEEngine
import TestSupport
import Testing

@Suite("A pass without memory")
struct OutOfMemoryTests {
    @Test("is tried again in the same size without the programs of other shapes, one image too", arguments: [1, 4])
    func sameSize(images: Int) throws {
        let backend = NarrowBackend(executables: 1)
        let path = Goldens.path("checkpoints/hub5")
        let model = try Engine(backend).load(path)
        let asked = backend.compiled.count
        let requests = [0.75, 0].map { BatchRequest(seed: 7, pixels: .seeded(images: images), maskRatio: $0) }
        let reference = try Engine(ReferenceBackend()).load(path)
        for request in requests {
            #expect(try model.run(request).output.layernorm == reference.run(request).output.layernorm)
        }
        // The first, the second, and the second again.
        let compiled = backend.compiled.dropFirst(asked)
        #expect(compiled.count == 3 && Set(compiled).count == 1)
    }

    @Test("fails when not even one image has room")
    func noRoom() throws {
        let backend = NarrowBackend(executables: 1)
        let path = Goldens.path("checkpoints/hub5")
        let engine = try Engine(backend)
        let other = try engine.load(path)
        let request = BatchRequest(seed: 7, pixels: .seeded(images: 4), maskRatio: 0.75)
        _ = try other.run(request)
        let model = try engine.load(path)
        let asked = backend.compiled.count
        let error = #expect(throws: ComputeError.self) { _ = try model.run(request) }
        #expect(error?.code == .outOfMemory)
        // Four images, two, one: each once more without the programs that were there.
        #expect(backend.compiled.count == asked + 6)
    }
}
