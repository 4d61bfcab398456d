import MAECompute

/// What a device's arithmetic is asked, and what the contract says to it: the host's side of `probe.comp`.
package struct ProbeQuestions: Sendable {
    /// The questions, in the order of the shader's answers.
    package enum Question: Int, Sendable, CaseIterable {
        case fma, sum, difference, productBesideFMA, productAndSumApart, chain, division, squareRoot, exponential
        case storage, selection, rectified, positivePart

        /// The question in words.
        package var text: String {
            switch self {
            case .fma: "fused multiply-add"
            case .sum: "sum"
            case .difference: "difference"
            case .productBesideFMA: "product beside an equal fused one"
            case .productAndSumApart: "product and sum kept apart"
            case .chain: "chain of fused multiply-adds"
            case .division: "division"
            case .squareRoot: "square root"
            case .exponential: "exponential"
            case .storage: "storage"
            case .selection: "selection"
            case .rectified: "selection of zero below zero"
            case .positivePart: "selection of what is above zero"
            }
        }
    }

    /// Triples that each question is put for.
    package static let count = 1024

    /// First, second and third operands.
    package let operands: [[Float]]
    /// Right answers, question after question.
    package let expected: [Float]

    /// The same questions each time.
    package init() {
        var random = Xorshift()
        let group = 64
        let triples = (0..<Self.count).map { index in
            let triple = Self.triple(index, &random)
            // In the last group no first operand is below zero: chains of its products with -0 are +0, where they began.
            return index < Self.count - group ? triple : (triple.0.magnitude, triple.1, triple.2)
        }
        operands = [triples.map(\.0), triples.map(\.1), triples.map(\.2)]
        expected = Question.allCases.flatMap { question in
            triples.indices.map { index in
                let (a, b, c) = triples[index]
                switch question {
                case .fma: return CanonicalMath.fma(a, b, c)
                case .sum: return a + b
                case .difference: return a - b
                case .productBesideFMA: return a * b
                case .productAndSumApart:
                    let product = a * b
                    return product + c
                case .chain:
                    // The group's first operands pass through shared memory.
                    let first = index / group * group
                    return (0..<8).reduce(0) { chain, step in
                        CanonicalMath.fma(triples[first + (index + step) % group].0, b, chain)
                    }
                case .division: return a / b
                case .squareRoot: return a.magnitude.squareRoot()
                case .exponential: return CanonicalMath.exp(a)
                case .storage: return a
                case .selection: return a < b ? c : a
                case .rectified: return a < 0 ? 0 : a
                case .positivePart: return a > 0 ? a : 0
                }
            }
        }
    }

    /// Numbers near one; sums that cancel, which only a fused operation computes; products just off the middle of
    /// two floats, which a second rounding gets wrong; subnormals; zeros, infinities and NaN, each beside each; and what
    /// overflows.
    private static func triple(_ index: Int, _ random: inout Xorshift) -> (Float, Float, Float) {
        // One in 16 each, in the place of plain numbers.
        if index % 16 == 4 {
            let round = index / 16
            return (special(round), special(round / specials.count), special(Int(random.next() % 7)))
        }
        if index % 16 == 8 { return overflowing(index / 16, &random) }
        let a = random.float(exponents: 117..<137)
        let b = random.float(exponents: 117..<137)
        switch index % 8 {
        case 1, 5: return (a, b, -(a * b))
        case 2, 6:
            let offset = random.next() % 1000
            return (
                Float(bitPattern: 0x3F80_0000 + offset), Float(bitPattern: 0x3F80_0000 - 2 * offset),
                Float(bitPattern: (150 + random.next() % 3) << 23 | random.next() & 0x7F_FFFF)
            )
        case 3:
            let factor =
                random.next() % 2 == 0
                ? random.float(exponents: 0..<2) : Float(bitPattern: random.next() & 0x807F_FFFF | 0x3F00_0000)
            return (random.float(exponents: 0..<2), factor, random.float(exponents: 0..<2))
        case 7:
            return (random.float(exponents: 70..<71), random.float(exponents: 40..<70), random.float(exponents: 0..<1))
        default: return (a, b, random.float(exponents: 117..<137))
        }
    }

    private static let specials: [Float] = [0, -0.0, .infinity, -.infinity, .nan, 1, -1]

    private static func special(_ index: Int) -> Float { specials[index % specials.count] }

    /// Products and sums beyond the largest number; half a unit above it, where rounding decides; and products beyond it
    /// that a fused sum brings back.
    private static func overflowing(_ index: Int, _ random: inout Xorshift) -> (Float, Float, Float) {
        let sign: Float = random.next() % 2 == 0 ? 1 : -1
        let largest = Float.greatestFiniteMagnitude
        switch index % 4 {
        case 0:
            let factor = random.float(exponents: 185..<255)
            return (factor, random.float(exponents: 185..<255), random.float(exponents: 250..<255))
        case 1:
            let summand = random.float(exponents: 252..<255)
            return (summand, random.float(exponents: 252..<255), random.float(exponents: 252..<255))
        case 2:
            // The last unit of the largest number has the exponent 231.
            return (sign * largest, sign, Float(bitPattern: (229 + random.next() % 3) << 23))
        default:
            return (sign * random.float(exponents: 191..<192).magnitude, 0x1p64, -sign * largest)
        }
    }
}

/// A small generator of 32-bit numbers (Marsaglia, 2003).
private struct Xorshift {
    private var state: UInt64 = 88_172_645_463_325_252

    mutating func next() -> UInt32 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt32(truncatingIfNeeded: state >> 16)
    }

    mutating func float(exponents: Range<UInt32>) -> Float {
        let exponent = exponents.lowerBound + next() % UInt32(exponents.count)
        return Float(bitPattern: next() & 0x807F_FFFF | exponent << 23)
    }
}
