import MAECheckpoint
import MAETensor

/// The layer norm at the end of an encoder, which leaves a trace in every token that went through it.
///
/// Each token that it gives, less the bias and over the weight, has mean 0 and variance 1.
struct FinalNorm {
    private let weight: [Float]
    private let bias: [Float]

    /// Tokens that are looked at: a wrong one shows in the first.
    private static let mostTokens = 64
    /// How far mean and variance may be off: outputs in bfloat16 are off by some 0.01.
    private static let tolerance = 0.1

    /// Nil when a weight is so small that nothing can be divided by it.
    init?(of checkpoint: ModelCheckpoint) {
        guard let weight = try? checkpoint.tensors["vit.layernorm.weight"]?.tensor().elements,
            let bias = try? checkpoint.tensors["vit.layernorm.bias"]?.tensor().elements,
            weight.allSatisfy({ $0.isFinite && abs($0) > 1e-3 })
        else { return nil }
        (self.weight, self.bias) = (weight, bias)
    }

    /// Whether `tokens`, (B, T, H), can have come out of it.
    func gives(_ tokens: Tensor) -> Bool {
        let hidden = weight.count
        guard tokens.shape.last == hidden else { return false }
        return tokens.withUnsafeElements { elements in
            (0..<min(elements.count / hidden, Self.mostTokens)).allSatisfy { token in
                var (sum, squares) = (0.0, 0.0)
                for column in 0..<hidden {
                    let value = Double((elements[token * hidden + column] - bias[column]) / weight[column])
                    sum += value
                    squares += value * value
                }
                let mean = sum / Double(hidden)
                let variance = squares / Double(hidden) - mean * mean
                return abs(mean) <= Self.tolerance && abs(variance - 1) <= Self.tolerance
            }
        }
    }
}
