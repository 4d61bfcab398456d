import MAETensor
import TestSupport
import Testing

@testable import MAEFormats

/// Files that PyTorch wrote, by `Tests/Reference/make_stored.py`.
@Suite("Forms that tensors are stored in")
struct StoredFormTests {
    private static func path(_ name: String) -> String { Goldens.path("stored/\(name)") }

    private static func tensor(_ name: String, in file: TorchFile) throws -> CheckpointTensor {
        try #require(file.root[name]?.tensor).tensor
    }

    private static let float8: [DType] = [.float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ]

    @Test("every float of one byte is PyTorch's number, in either container")
    func float8() throws {
        let expected = try Tensor(npy: Self.path("float8.npy")).elements
        let torch = try TorchFile.open(Self.path("float8.pth"))
        let entries = try SafetensorsFile.open(Self.path("float8.safetensors")).entries
        for (row, dtype) in Self.float8.enumerated() {
            let kept = try #require(entries.first { $0.name == dtype.rawValue }?.tensor)
            for tensor in [try Self.tensor(dtype.rawValue, in: torch), kept] {
                #expect(tensor.dtype == dtype)
                let elements = try tensor.tensor().elements
                for (bits, value) in elements.enumerated() {
                    let other = expected[256 * row + bits]
                    #expect(value.bitPattern == other.bitPattern || value.isNaN && other.isNaN, "\(dtype) \(bits)")
                }
            }
        }
    }

    @Test("a file of these types that is written again has the same bytes")
    func writesFloat8() throws {
        let folder = try TemporaryDirectory()
        let torch = try TorchFile.open(Self.path("float8.pth"))
        let entries = try Self.float8.map { dtype in
            (
                PickleExpression.string(dtype.rawValue),
                PickleExpression.tensor(PickledTensor(try Self.tensor(dtype.rawValue, in: torch)))
            )
        }
        try TorchArchiveWriter.write(.dictionary(entries), to: folder.file("again.pth"))
        let again = try TorchFile.open(folder.file("again.pth"))
        for dtype in Self.float8 {
            let (one, other) = (try Self.tensor(dtype.rawValue, in: torch), try Self.tensor(dtype.rawValue, in: again))
            #expect(one.dtype == other.dtype)
            #expect(try one.tensor().elements.map(\.bitPattern) == other.tensor().elements.map(\.bitPattern))
        }
    }

    @Test(
        "arrays of devices without storages are read, however they are pickled",
        arguments: ["arrays-2.pth", "arrays-5.pth"])
    func arrays(name: String) throws {
        let file = try TorchFile.open(Self.path(name))
        let expected = (0..<24).map { Float($0) / 8 - 1 }
        for (key, device) in [
            ("float32", "xla:0"), ("float64", "hpu:0"), ("float16", "privateuseone:0"), ("bfloat16", "xla:1"),
            ("fortran", "xla:0"),
        ] {
            let tensor = try #require(file.root[key]?.tensor)
            #expect(tensor.device == device)
            #expect(tensor.tensor.shape == [2, 3, 4])
            #expect(try tensor.tensor.tensor().elements == expected, "\(key)")
        }
        // A conversion that rounds, and another byte order.
        for key in ["rounded", "bigendian"] { #expect(file.root[key]?.tensor == nil, "\(key)") }
        #expect(file.findings.contains { $0.message.contains("float64 that PyTorch converts to float32") })
    }
}
