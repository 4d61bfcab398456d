import Foundation
import MAETensor
import TestSupport
import Testing

@Suite("Writing .npy files")
struct NpyWritingTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test(
        "a tensor is written byte for byte as NumPy writes it",
        arguments: ["float32-2x3x4", "float32-scalar", "float32-5", "float32-0x3", "float32-64-dimensions"])
    func sameBytes(name: String) throws {
        let path = directory.file("copy.npy")
        try Tensor(npy: Goldens.path("npy/\(name).npy")).writeNpy(to: path)
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == Goldens.bytes("npy/\(name).npy"))
    }

    @Test("integers and doubles are written byte for byte as NumPy writes them")
    func otherTypes() throws {
        let path = directory.file("copy.npy")
        try NpyArray<Int64>(npy: Goldens.path("npy/int64-2x3.npy")).writeNpy(to: path)
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == Goldens.bytes("npy/int64-2x3.npy"))
        try NpyArray<Double>(npy: Goldens.path("npy/float64-2x3x4.npy")).writeNpy(to: path)
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == Goldens.bytes("npy/float64-2x3x4.npy"))
    }

    @Test("every bit pattern survives, NaN payloads, infinities and subnormals too")
    func bitPatterns() throws {
        let patterns: [UInt32] = [0, 0x8000_0000, 1, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0001, 0x7F80_0001, 0x3F80_0000]
        let path = directory.file("bits.npy")
        try Tensor(shape: [2, 4], elements: patterns.map(Float.init(bitPattern:))).writeNpy(to: path)
        let back = try Tensor(npy: path)
        #expect(back.shape == [2, 4])
        #expect(back.elements.map(\.bitPattern) == patterns)
    }

    @Test("some rows of a tensor are written alone")
    func rows() throws {
        let path = directory.file("rows.npy")
        let tensor = Tensor(shape: [4, 3], elements: (0..<12).map(Float.init))
        try tensor.rows(1..<3).writeNpy(to: path)
        #expect(try Tensor(npy: path).elements == [3, 4, 5, 6, 7, 8])
    }

    @Test("writing replaces a file whole and leaves no other file behind")
    func replaces() throws {
        let path = try directory.write("array.npy", Array("something else, and longer".utf8))
        try Tensor(shape: [1], elements: [1]).writeNpy(to: path)
        #expect(try Tensor(npy: path).elements == [1])
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["array.npy"])
    }

    @Test("a place that cannot be written to is refused and nothing is left there")
    func unwritable() throws {
        let tensor = Tensor(shape: [1], elements: [1])
        let missing = directory.file("no/such/folder.npy")
        let error = try #require(throws: TensorError.self) { try tensor.writeNpy(to: missing) }
        #expect(error.code == .unwritableFile)
        #expect(error.message.contains("Make the folder first"))

        try FileManager.default.createDirectory(
            atPath: directory.file("folder.npy"), withIntermediateDirectories: false)
        #expect(throws: TensorError.self) { try tensor.writeNpy(to: directory.file("folder.npy")) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["folder.npy"])
    }
}
