import Foundation
import Testing

@testable import MAECompute

@Suite("Canonical functions")
struct CanonicalMathTests {
    /// Floats from `range`, dense and evenly spread.
    private func samples(_ range: ClosedRange<Float>, count: Int = 100_000) -> [Float] {
        (0...count).map { range.lowerBound + (range.upperBound - range.lowerBound) * Float($0) / Float(count) }
    }

    @Test("exp is within one ulp of the true value where softmax uses it")
    func expIsAccurate() {
        for x in samples(-86...88) {
            let truth = Foundation.exp(Double(x))
            let error = abs(Double(CanonicalMath.exp(x)) - truth) / Double(Float(truth).ulp)
            #expect(error <= 1, "exp(\(x))")
        }
    }

    @Test("exp has its limits where the contract puts them")
    func expLimits() {
        #expect(CanonicalMath.exp(0).bitPattern == Float(1).bitPattern)
        #expect(CanonicalMath.exp(-86.6).bitPattern == 0)
        #expect(CanonicalMath.exp(-.infinity).bitPattern == 0)
        #expect(CanonicalMath.exp(88.1) == .infinity)
        #expect(CanonicalMath.exp(.infinity) == .infinity)
        #expect(CanonicalMath.exp(.nan).isNaN)
        #expect(CanonicalMath.exp(-86.5).isNormal && CanonicalMath.exp(88).isNormal)
    }

    /// The activation in float64.
    private func truth(_ activation: Activation, _ x: Double) -> Double {
        switch activation {
        case .gelu: x * 0.5 * erfc(-x / 2.0.squareRoot())
        case .geluTanh: x * 0.5 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .quickGELU: x / (1 + Foundation.exp(-1.702 * x))
        case .relu: max(x, 0)
        case .silu: x / (1 + Foundation.exp(-x))
        case .selu: 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * expm1(x))
        }
    }

    @Test("activations stay close to the true value", arguments: Activation.allCases)
    func activationsAreAccurate(_ activation: Activation) {
        for x in samples(-12...12) {
            let value = Double(CanonicalMath.apply(activation, to: x))
            let expected = truth(activation, Double(x))
            // 1e-8 is where the tails are cut off; above it the error is a few roundings of the value.
            #expect(abs(value - expected) <= 1e-8 + 4e-7 * abs(expected), "\(activation)(\(x))")
        }
    }

    @Test("activations keep NaN and the sign of large values", arguments: Activation.allCases)
    func activationsAtTheEdges(_ activation: Activation) {
        #expect(CanonicalMath.apply(activation, to: .nan).isNaN)
        #expect(CanonicalMath.apply(activation, to: 0) == 0)
        #expect(CanonicalMath.apply(activation, to: 1000) >= 1000)
        #expect(abs(CanonicalMath.apply(activation, to: -1000)) <= (activation == .selu ? 1.7581 : 0))
    }

    @Test("the canonical functions keep their bits")
    func knownBits() {
        let inputs: [Float] = [-5.5, -1, -0.1, 1e-4, 0.3, 2.75]
        let gelu = inputs.map { CanonicalMath.gelu($0).bitPattern }
        let exp = inputs.map { CanonicalMath.exp($0).bitPattern }
        #expect(gelu == KnownBits.gelu, "\(gelu.map { String($0, radix: 16) })")
        #expect(exp == KnownBits.exp, "\(exp.map { String($0, radix: 16) })")
    }
}

/// What class `canonical-v1` gives for the inputs of `knownBits`: a change here is a new class.
private enum KnownBits {
    static let gelu: [UInt32] = [0xB3E1_C292, 0xBE22_7686, 0xBD3C_7C8C, 0x3851_BB60, 0x3E3D_D289, 0x402F_79BE]
    static let exp: [UInt32] = [0x3B85_EA53, 0x3EBC_5AB2, 0x3F67_A36D, 0x3F80_0347, 0x3FAC_C82C, 0x417A_4838]
}
