import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("One checkpoint that is another one rounded to half precision")
struct WeightRoundingTests {
    private let bench: StateDictBench

    init() throws { bench = try StateDictBench() }

    /// A checkpoint as PyTorch saved it after `half()` or `bfloat16()`.
    private func saved(_ name: String) throws -> ModelCheckpoint {
        try ModelCheckpoint.open(GoldenWeights.path(name), configuration: GoldenWeights.path("hub4"))
    }

    /// The golden model in fp32, each tensor changed by `change`.
    private func changed(_ change: (String, [Float]) -> [Float]) throws -> ModelCheckpoint {
        let entries: StateDictBench.Entries = try bench.golden.layout.parameters.map { parameter in
            let tensor = try bench.tensor(parameter.name)
            return (
                parameter.name,
                .tensor(
                    PickledTensor(Tensor(shape: tensor.shape, elements: change(parameter.name, tensor.elements))))
            )
        }
        return try bench.open(StateDictBench.dictionary(entries))
    }

    @Test(
        "PyTorch's half-precision copies are recognized, and the original is told, whichever comes first",
        arguments: [
            ("state-fp16.pth", HalfPrecision.float16), ("hub-fp16", .float16), ("state-bf16.pth", .bfloat16),
        ])
    func recognizesCopies(name: String, format: HalfPrecision) throws {
        let copy = try saved(name)
        let difference = try ModelDifference(bench.golden, copy)
        #expect(difference.rounding == WeightRounding(format: format, rounded: .second))
        #expect(
            difference.summary("model.pth", "half.pth").contains(
                "each of these is exactly that of model.pth rounded to \(format.rawValue)"))
        #expect(
            try ModelDifference(copy, bench.golden).rounding == WeightRounding(format: format, rounded: .first))
    }

    @Test(
        "a copy that went through half precision and is stored in fp32 is recognized",
        arguments: HalfPrecision.allCases)
    func recognizesWidenedCopies(format: HalfPrecision) throws {
        let copy = try changed { _, elements in elements.map(format.rounded) }
        #expect(
            try ModelDifference(bench.golden, copy).rounding == WeightRounding(format: format, rounded: .second))
        #expect(copy.format.dtypes == [.float32: copy.tensors.count])
    }

    @Test("a model of which a part alone was rounded is another model, with the figures of its tensors")
    func refusesPartlyRounded() throws {
        let copy = try changed { name, elements in
            name.contains("layernorm") ? elements : elements.map(HalfPrecision.float16.rounded)
        }
        let difference = try ModelDifference(bench.golden, copy)
        #expect(difference.rounding == nil)
        #expect(difference.tensors.count < difference.sharedCount)
    }

    @Test("a single flipped bit next to a number of half precision is no rounding, whichever comes first")
    func refusesFlippedBit() throws {
        let round = try changed { name, elements in
            name == "vit.layernorm.weight" ? [1] + elements.dropFirst() : elements
        }
        let flipped = try changed { name, elements in
            name == "vit.layernorm.weight"
                ? [Float(bitPattern: Float(1).bitPattern ^ 1)] + elements.dropFirst() : elements
        }
        for (one, other) in [(round, flipped), (flipped, round)] {
            let difference = try ModelDifference(one, other)
            #expect(difference.rounding == nil)
            #expect(difference.tensors.map(\.differingCount) == [1])
            #expect(difference.summary("a", "b") == "1 of \(difference.sharedCount) tensors differ")
        }
    }

    @Test("no rounding is claimed when one element is off, types are mixed, or nothing differs")
    func claimsNothingElse() throws {
        let oneOff = try changed { name, elements in
            var elements = elements.map(HalfPrecision.float16.rounded)
            if name == "vit.layernorm.bias" { elements[3] += 0.25 }
            return elements
        }
        #expect(try ModelDifference(bench.golden, oneOff).rounding == nil)
        let mixed = try changed { name, elements in
            elements.map((name.hasPrefix("decoder") ? HalfPrecision.float16 : .bfloat16).rounded)
        }
        #expect(try ModelDifference(bench.golden, mixed).rounding == nil)
        #expect(try ModelDifference(bench.golden, saved("state-wrong.pth")).rounding == nil)
        #expect(try ModelDifference(bench.golden, bench.golden).rounding == nil)
        let fp16 = try saved("state-fp16.pth")
        #expect(try ModelDifference(fp16, saved("state-bf16.pth")).rounding == nil)
    }

    @Test("NaNs of other bits are no rounding")
    func ignoresBitsOfNaN() throws {
        func tensor(_ bits: UInt32) throws -> CheckpointTensor {
            let storage = TensorStorage(byteCount: 8) { bytes in
                bytes.storeBytes(of: bits.littleEndian, toByteOffset: 0, as: UInt32.self)
                bytes.storeBytes(of: Float(1).bitPattern.littleEndian, toByteOffset: 4, as: UInt32.self)
            }
            return try CheckpointTensor(
                dtype: .float32, shape: [2], storage: storage, byteOffset: 0,
                location: CheckpointLocation(path: "model.pth"))
        }
        let difference = try TensorDifference.between(tensor(0x7FC0_0000), tensor(0x7FC0_0001), name: "x")
        #expect(difference?.differingCount == 0)
        #expect(difference?.roundings.isEmpty == true)
    }

    @Test(
        "numbers are rounded to nearest, of two to the even one, at every edge",
        arguments: [
            (HalfPrecision.float16, 1 + 0x1p-11, 1), (.float16, 1 + 0x3p-11, 1 + 0x1p-9),
            (.float16, 1 + 0x1p-11 + 0x1p-20, 1 + 0x1p-10), (.float16, 65519, 65504), (.float16, 65520, .infinity),
            (.float16, -65520, -.infinity), (.float16, 0x1p-24, 0x1p-24), (.float16, 0x1p-25, 0),
            (.float16, 0x3p-25, 0x1p-23), (.float16, -0x1p-30, -0.0), (.float16, .infinity, .infinity),
            (.bfloat16, 1 + 0x1p-8, 1), (.bfloat16, 1 + 0x3p-8, 1 + 0x1p-6),
            (.bfloat16, 1 + 0x1p-8 + 0x1p-20, 1 + 0x1p-7), (.bfloat16, .greatestFiniteMagnitude, .infinity),
            (.bfloat16, -.infinity, -.infinity), (.bfloat16, -0x1p-149, -0.0), (.bfloat16, 65520, 65536),
        ] as [(HalfPrecision, Float, Float)])
    func rounds(format: HalfPrecision, value: Float, expected: Float) {
        #expect(format.rounded(value).bitPattern == expected.bitPattern)
        #expect(format.rounded(expected).bitPattern == expected.bitPattern)
    }

    @Test("NaN stays NaN, also where only bits that are cut off make it one", arguments: HalfPrecision.allCases)
    func keepsNaN(format: HalfPrecision) {
        for bits: UInt32 in [0x7FC0_0000, 0x7F80_0001, 0xFF80_0001, 0xFFFF_FFFF] {
            #expect(format.rounded(Float(bitPattern: bits)).isNaN)
        }
    }
}
