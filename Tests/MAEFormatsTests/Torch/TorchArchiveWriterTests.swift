import MAETensor
import TestSupport
import Testing

@testable import MAEFormats

@Suite("Writing files for torch.load")
struct TorchArchiveWriterTests {
    private func roundTrip(_ root: PickleExpression) throws -> TorchFile {
        let folder = try TemporaryDirectory()
        let path = folder.file("x.pth")
        try TorchArchiveWriter.write(root, to: path)
        let file = try TorchFile.open(path)
        try file.verifyChecksums()
        #expect(file.findings == [])
        return file
    }

    @Test("plain values come back as they were")
    func values() throws {
        let integers = [0, 255, 256, 65535, 65536, -1, .min, .max]
        let file = try roundTrip(
            .dictionary([
                (.string("ints"), .list(integers.map(PickleExpression.int))),
                (.string("float"), .float(0.1)), (.string("none"), .none), (.string("yes"), .bool(true)),
                (.string("tuple"), .tuple([.int(1), .int(2), .int(3), .int(4)])), (.int(7), .string("é")),
                (.string("set"), .set([.int(1)])), (.string("dtype"), .global("torch", "float32")),
                (.string("e\u{301}"), .string("\u{E9}")),
                (.string("many"), .list((0..<2500).map(PickleExpression.int))),
            ]))
        #expect(file.root["ints"]?.sequence?.map(\.int) == integers)
        #expect(file.root["float"]?.double == 0.1)
        #expect(file.root["none"]?.isNone == true)
        #expect(file.root["yes"]?.bool == true)
        #expect(file.root["tuple"]?.sequence?.count == 4)
        #expect(file.root["e\u{301}"]?.string?.utf8.count == 2)
        #expect(file.root["many"]?.sequence?.map(\.int) == Array(0..<2500))
        guard case .set(let set) = file.root["set"], case .dtype("float32") = file.root["dtype"] else {
            Issue.record("the set or the dtype is lost")
            return
        }
        #expect(set.map(\.int) == [1])
    }

    @Test("objects keep class and state, and shared objects stay shared")
    func objects() throws {
        let shared = PickleSharedObject(.dictionary([(.string("x"), .int(1))]))
        let file = try roundTrip(
            .object(
                PickleGlobal(module: "m", name: "Net"),
                state: .dictionary([(.string("a"), .shared(shared)), (.string("b"), .shared(shared))])))
        #expect(file.root.object?.className == "m.Net")
        let first = try #require(file.root.attribute("a")?.dictionary)
        let second = try #require(file.root.attribute("b")?.dictionary)
        #expect(first.id == second.id)
        #expect(second["x"]?.int == 1)
    }

    @Test("weights keep their bits, tied weights their one storage, parameters their mark")
    func tensors() throws {
        let weight = Tensor(shape: [2, 3], elements: [1, -2, .nan, .infinity, -0.0, 1e-40])
        let file = try roundTrip(
            .orderedDictionary(
                [
                    (.string("w"), .tensor(PickledTensor(weight, isParameter: true))),
                    (.string("tied"), .tensor(PickledTensor(weight.reshaped(to: [6])))),
                    (.string("empty"), .tensor(PickledTensor(Tensor(shape: [0, 2], elements: [])))),
                    (.string("scalar"), .tensor(PickledTensor(Tensor(shape: [], elements: [3])))),
                ], state: .dictionary([(.string("_metadata"), .none)])))
        let read = try #require(file.root["w"]?.tensor)
        #expect(try read.tensor.tensor().hasSameBits(as: weight))
        #expect(read.isParameter && read.requiresGradient)
        #expect(file.root["tied"]?.tensor?.storageKey == read.storageKey)
        #expect(file.root["tied"]?.tensor?.isParameter == false)
        #expect(file.root["empty"]?.tensor?.tensor.shape == [0, 2])
        #expect(try file.root["scalar"]?.tensor?.tensor.tensor().elements == [3])
        #expect(file.root.dictionary?.state?["_metadata"]?.isNone == true)
    }

    @Test(
        "tensors of another file keep element type, strides and values",
        arguments: ["state-bf16.pth", "state-views.pth"])
    func copies(_ name: String) throws {
        let original = try TorchFile.open(Goldens.path("checkpoints/\(name)"))
        let tensors = GoldenTensors.all(in: original.root)
        let file = try roundTrip(.list(tensors.map { .tensor(PickledTensor($0.tensor.tensor)) }))
        let copies = GoldenTensors.all(in: file.root)
        #expect(copies.count == tensors.count)
        for (copy, tensor) in zip(copies.map(\.tensor.tensor), tensors.map(\.tensor.tensor)) {
            #expect(copy.dtype == tensor.dtype)
            #expect(copy.strides == tensor.strides)
            #expect(try copy.tensor().hasSameBits(as: tensor.tensor()))
        }
    }

    @Test("the same object gives the same bytes under any name")
    func deterministic() throws {
        let folder = try TemporaryDirectory()
        let root = PickleExpression.list([.tensor(PickledTensor(Tensor(shape: [3], repeating: 1))), .string("x")])
        try TorchArchiveWriter.write(root, to: folder.file("a.pth"))
        try TorchArchiveWriter.write(root, to: folder.file("b.ckpt"))
        #expect(
            try MappedFile(path: folder.file("a.pth")).contents.bytes
                == MappedFile(path: folder.file("b.ckpt")).contents.bytes)
    }
}
