import MAETensor
import Testing

@testable import MAEFormats

@Suite("Tensors as they lie in a file")
struct CheckpointTensorTests {
    private static func tensor(
        _ dtype: DType, _ shape: [Int], _ strides: [Int]? = nil, in bytes: [UInt8], at offset: Int = 0
    ) throws -> CheckpointTensor {
        try CheckpointTensor(
            dtype: dtype, shape: shape, strides: strides, storage: ByteView(copying: bytes).storage, byteOffset: offset,
            location: CheckpointLocation(path: "x.pth", place: "record a/data/0"))
    }

    private static func bytes(_ values: some Sequence<Float>) -> [UInt8] {
        values.reduce(into: []) { $0.append(little: $1.bitPattern) }
    }

    @Test("strides are followed, whatever they are")
    func strides() throws {
        let bytes = Self.bytes((0..<24).map(Float.init))
        let transposed = try Self.tensor(.float32, [3, 2], [1, 3], in: bytes)
        #expect(!transposed.isContiguous)
        #expect(try transposed.tensor().elements == [0, 3, 1, 4, 2, 5])
        #expect(
            try Self.tensor(.float32, [2, 2, 2], [12, 1, 3], in: bytes, at: 4).tensor().elements
                == [1, 4, 2, 5, 13, 16, 14, 17])
        #expect(try Self.tensor(.float32, [2, 3], [0, 0], in: bytes, at: 8).tensor().elements == [2, 2, 2, 2, 2, 2])
        #expect(try Self.tensor(.float32, [], in: bytes, at: 20).tensor().elements == [5])
        #expect(try Self.tensor(.float32, [0, 3], in: []).tensor().shape == [0, 3])
    }

    @Test("extents of one do not make a tensor strided")
    func unitExtents() throws {
        let tensor = try Self.tensor(.float32, [2, 1, 3], [3, 100, 1], in: Self.bytes((0..<6).map(Float.init)))
        #expect(tensor.isContiguous)
        #expect(try tensor.tensor().elements == [0, 1, 2, 3, 4, 5])
    }

    @Test("misaligned fp32 is copied")
    func misaligned() throws {
        let tensor = try Self.tensor(.float32, [2], in: [0] + Self.bytes([1.5, -2]), at: 1)
        #expect(try tensor.tensor().elements == [1.5, -2])
    }

    @Test("fp64 is rounded to nearest even")
    func doubles() throws {
        // Halfway between two floats, just above halfway, beyond the largest, not a number.
        let values = [1 + 0x1p-24, 1 + 3 * 0x1p-24, 1 + 0x1.000001p-24, 1e300, -0.0, 0x1p-150]
        var bytes: [UInt8] = []
        for value in values { bytes.append(little: value.bitPattern) }
        let result = try Self.tensor(.float64, [6], in: bytes).tensor().elements
        #expect(
            result.map(\.bitPattern) == [
                Float(1).bitPattern, (Float(1) + 4 * 0x1p-24).bitPattern, Float(1).nextUp.bitPattern,
                Float.infinity.bitPattern, Float(-0.0).bitPattern, 0,
            ])
    }

    @Test("half precision and bfloat16 are widened exactly, subnormals and infinities too")
    func halves() throws {
        let half: [UInt8] = [0x00, 0x3C, 0x01, 0x00, 0x00, 0xFC, 0xFF, 0x7B]
        #expect(try Self.tensor(.float16, [4], in: half).tensor().elements == [1, 0x1p-24, -.infinity, 65504])
        let brain: [UInt8] = [0x80, 0x3F, 0x01, 0x00, 0x80, 0xFF, 0x49, 0x40]
        #expect(try Self.tensor(.bfloat16, [4], in: brain).tensor().elements == [1, 0x1p-133, -.infinity, 3.140625])
    }

    @Test("integers are no weights", arguments: [DType.int8, .int16, .int32, .int64, .uint8, .bool])
    func integers(_ dtype: DType) throws {
        let tensor = try Self.tensor(dtype, [2], in: [UInt8](repeating: 0, count: 16))
        let error = #expect(throws: CheckpointError.self) { try tensor.tensor() }
        #expect(error?.place == "record a/data/0")
        #expect(error?.message.contains(dtype.rawValue) == true)
    }

    @Test("elements outside the storage are refused")
    func outside() throws {
        let bytes = Self.bytes((0..<6).map(Float.init))
        let cases: [(shape: [Int], strides: [Int]?, offset: Int)] = [
            ([7], nil, 0), ([6], nil, 4), ([6], nil, -4), ([1], nil, 24), ([1], nil, 21), ([1], nil, .max),
            ([2], [6], 0), ([2, 2], [4, 2], 0), ([-1], nil, 0), ([2], [-1], 4), ([1, 2], [1], 0),
            ([.max, 2], nil, 0), ([2, 2], [.max, 1], 0), ([3, 3], [.max / 2, .max / 2], 0),
            ([Int](repeating: 1, count: 65), nil, 0),
        ]
        for (shape, strides, offset) in cases {
            let error = #expect(throws: CheckpointError.self, "\(shape) \(strides ?? []) \(offset)") {
                try Self.tensor(.float32, shape, strides, in: bytes, at: offset)
            }
            #expect(error?.code == .malformedTensor)
        }
        #expect(try Self.tensor(.float32, [Int](repeating: 1, count: 64), in: bytes).tensor().elements == [0])
    }

    @Test("a broadcast to a million million elements is refused before memory is taken")
    func broadcast() throws {
        let error = #expect(throws: CheckpointError.self) {
            try Self.tensor(.float32, [1_000_000, 1_000_000], [0, 0], in: [0, 0, 0, 0])
        }
        #expect(error?.code == .overBudget)
    }
}
