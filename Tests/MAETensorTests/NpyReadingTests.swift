import MAETensor
import TestSupport
import Testing

@Suite("Reading .npy files that NumPy wrote")
struct NpyReadingTests {
    private func golden(_ name: String) -> String { Goldens.path("npy/\(name).npy") }

    /// What the files of 24 elements hold.
    private let ramp = (0..<24).map { Float($0) / 8 - 1 }

    @Test(
        "floats of every width become the same tensor",
        arguments: ["float32-2x3x4", "float64-2x3x4", "float16-2x3x4"])
    func floats(name: String) throws {
        let tensor = try Tensor(npy: golden(name))
        #expect(tensor.shape == [2, 3, 4])
        #expect(tensor.elements == ramp)
    }

    @Test("Fortran order is put into C order")
    func fortran() throws {
        let tensor = try Tensor(npy: golden("fortran-4x6"))
        #expect(tensor.shape == [4, 6])
        #expect(tensor.elements == ramp)
        #expect(throws: TensorError.self) { try NpyArray<Float>(npy: golden("fortran-4x6")) }
    }

    @Test("all three versions of the format are read", arguments: [1, 2, 3])
    func versions(version: Int) throws {
        let tensor = try Tensor(npy: golden("version-\(version)"))
        #expect(tensor.shape == [2, 12])
        #expect(tensor.elements == ramp)
    }

    @Test("scalars, empty arrays and 64 dimensions keep their shape")
    func shapes() throws {
        let scalar = try Tensor(npy: golden("float32-scalar"))
        #expect(scalar.shape == [] && scalar.elements == [0.375])
        let empty = try Tensor(npy: golden("float32-0x3"))
        #expect(empty.shape == [0, 3] && empty.count == 0)
        let deep = try Tensor(npy: golden("float32-64-dimensions"))
        #expect(deep.shape.count == 64 && deep.count == 2)
    }

    @Test("integers and doubles are read exactly")
    func exactTypes() throws {
        let integers = try NpyArray<Int64>(npy: golden("int64-2x3"))
        #expect(integers.shape == [2, 3])
        #expect(integers.elements == [0, -1, 2, 1 << 62, .min, 5])
        #expect(try NpyArray<Double>(npy: golden("float64-2x3x4")).elements == ramp.map(Double.init))
        #expect(throws: TensorError.self) { try NpyArray<Int64>(npy: golden("float32-5")) }
    }

    @Test(
        "what is not read is refused with the NumPy call that makes it readable",
        arguments: [
            ("bigendian-2x3x4", "array.astype('<f4')"),
            ("int64-2x3", "array.astype('<f4')"), ("bool-3", "array.astype('<f4')"),
        ])
    func refused(name: String, remedy: String) throws {
        let error = try #require(throws: TensorError.self) { try Tensor(npy: golden(name)) }
        #expect(error.code == .unsupportedDType)
        #expect(error.message.contains(remedy))
    }

    @Test("a structured array is refused as malformed")
    func structured() throws {
        let error = try #require(throws: TensorError.self) { try Tensor(npy: golden("structured")) }
        #expect(error.code == .malformedFile)
        #expect(error.message.contains("structured"))
    }

    @Test("a missing file, a folder and a device are refused", arguments: ["/no/such/file.npy", "/tmp", "/dev/zero"])
    func unreadable(path: String) throws {
        let error = try #require(throws: TensorError.self) { try Tensor(npy: path) }
        #expect(error.code == .unreadableFile)
        #expect(error.path == path)
    }
}
