import ComputeTestSupport
import MAECompute
import TestSupport
import Testing

@testable import MAEVulkan

@Suite("Functions on a Vulkan device have the reference's bits", .onDevice, .underValidation)
struct FunctionTests {
    /// A function of `functions.comp`, by its number there.
    struct Function: Sendable, CustomTestStringConvertible {
        let number: UInt32
        let testDescription: String
        let value: @Sendable (Float, Float, Float) -> Float
    }

    private static let functions: [Function] =
        [
            Function(number: 0, testDescription: "fma") { CanonicalMath.fma($0, $1, $2) },
            Function(number: 1, testDescription: "division") { a, b, _ in a / b },
            Function(number: 2, testDescription: "square root") { a, _, _ in a.squareRoot() },
            Function(number: 3, testDescription: "exp") { a, _, _ in CanonicalMath.exp(a) },
        ]
        + zip([Activation.gelu, .geluTanh, .quickGELU, .relu, .silu, .selu], 5...).map { activation, number in
            Function(number: UInt32(number), testDescription: activation.rawValue) { a, _, _ in
                CanonicalMath.apply(activation, to: a)
            }
        }

    private static let count = 1 << 18

    /// Every 16,411th of all numbers, from a place of its own in each run: a prime, so that no bits stay the same.
    @Test("of one number, on numbers from all over their range", arguments: functions.filter { $0.number >= 2 })
    func sample(_ function: Function) throws {
        let step: UInt32 = 16_411
        let start = UInt32.random(in: 0..<step)
        let values = stride(from: start, through: UInt32.max - step, by: Int(step)).map(Float.init(bitPattern:))
        #expect(Set(values.map(\.exponentBitPattern)).count == 256)
        try Self.compare(function, values, values, values, "from \(start)")
    }

    @Test("on numbers near one, edges, subnormals, cancellations, and a hair beside ties", arguments: functions)
    func sameBits(_ function: Function) throws {
        var numbers = Numbers(seed: UInt64(function.number))
        var triples: [(Float, Float, Float)] = []
        for index in 0..<Self.count { triples.append(numbers.triple(index, function.number)) }
        try Self.compare(function, triples.map(\.0), triples.map(\.1), triples.map(\.2), "")
    }

    private static func compare(
        _ function: Function, _ a: [Float], _ b: [Float], _ c: [Float], _ comment: String
    ) throws {
        let results = try TestDevice.backend.get().evaluate(function: function.number, [a, b, c])
        var wrong = 0
        var first = ""
        for (index, result) in results.enumerated() {
            let expected = function.value(a[index], b[index], c[index])
            if result.bitPattern == expected.bitPattern || (result.isNaN && expected.isNaN) { continue }
            if wrong == 0 { first = "\(a[index]), \(b[index]), \(c[index]) gives \(result), not \(expected)" }
            wrong += 1
        }
        #expect(wrong == 0 && results.count == a.count, "\(comment) \(first)")
    }
}

/// Operands that are hard to get right.
private struct Numbers {
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    private static let edges: [UInt32] = [
        0, 1, 0x007F_FFFF, 0x0080_0000, 0x3F80_0000, 0x3F7F_FFFF, 0x7F7F_FFFF, 0x7F80_0000, 0x7FC0_0000, 0x4B40_0000,
        0x42AD_0000, 0x42B0_0000, 0x40C0_0000, 0x3380_0000, 0x0C80_0000, 0x6400_0000, 0x5F80_0000, 0x1F80_0000,
    ]

    private mutating func bits() -> UInt32 { UInt32.random(in: .min ... .max, using: &random) }
    private mutating func below(_ limit: UInt32) -> UInt32 { UInt32.random(in: 0..<limit, using: &random) }

    private mutating func any() -> Float {
        switch below(5) {
        case 0: return Float(bitPattern: bits())
        case 1: return Float(bitPattern: bits() & 0x807F_FFFF | (117 + below(20)) << 23)
        case 2: return Float(bitPattern: bits() & 0x80FF_FFFF)
        case 3: return Float(bitPattern: (bits() & 0x807F_FFFF) & (.max << below(24)) | (120 + below(15)) << 23)
        default:
            let edge = Self.edges[Int(below(UInt32(Self.edges.count)))]
            return Float(bitPattern: (edge &+ below(5) &- 2) ^ below(2) << 31)
        }
    }

    mutating func triple(_ index: Int, _ function: UInt32) -> (Float, Float, Float) {
        let (a, b, c) = (any(), any(), any())
        switch (function, index % 4) {
        case (0, 1):
            // Sums that cancel to the product's low half.
            return (a, b, Float(bitPattern: ((a * b).bitPattern ^ 0x8000_0000) &+ below(3) &- 1))
        case (0, 3):
            // One rounding to 53 bits and a second one to 24 go wrong here.
            let (offset, x, y) = (below(1000), 100 + below(40), 100 + below(40))
            return (
                Float(bitPattern: x << 23 + offset), Float(bitPattern: y << 23 - 2 * offset),
                Float(bitPattern: (x + y - 127 + 23 + below(3)) << 23 + below(1 << 23))
            )
        case (1, 1):
            // Quotients beside the middle of two floats.
            let quotient = Float(bitPattern: below(1 << 23) | (117 + below(20)) << 23)
            return (Float(bitPattern: (quotient * b).bitPattern &+ below(3) &- 1), b, c)
        case (1, 2): return (1, b, c)
        case (2, 1):
            let root = Float(bitPattern: below(1 << 23) | (100 + below(50)) << 23)
            return (Float(bitPattern: (root * root).bitPattern &+ below(3) &- 1), b, c)
        case (2, 0), (2, 2): return (a.magnitude, b, c)
        case (3..., 0): return (Float.random(in: -96...96, using: &random), b, c)
        case (3..., 1): return (Float.random(in: -7...7, using: &random), b, c)
        default: return (a, b, c)
        }
    }
}
