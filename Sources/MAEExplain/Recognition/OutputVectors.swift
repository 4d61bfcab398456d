import MAETensor
import MAEVerify

/// Vectors of a person's program, set against those that can be made of a model's tokens.
enum OutputVectors {
    /// How vectors can have been made, and how far from that they are.
    struct Match {
        let reduction: RecognizedOutput.Reduction
        let isNormalized: Bool
        let distance: Double
    }

    /// How far a length may be from 1 in normalized vectors: bfloat16 leaves some 1e-2.
    private static let lengthTolerance = 0.02

    /// How far `vectors`, (B, H), are from those that are made of `tokens`, (B, T, H), as `identity` says; nil for tokens of
    /// other images.
    static func difference(_ vectors: Tensor, _ identity: RecognizedOutput, from tokens: Tensor) -> Double? {
        let made: Tensor
        switch identity.reduction {
        case .none: return nil
        case .mean: made = tokens.means(from: 0)
        case .cls: made = tokens.firstTokens
        case .patchMean: made = tokens.means(from: 1)
        }
        guard made.shape == vectors.shape else { return nil }
        let own = identity.isNormalized ? vectors.scalingRows(by: made.rowLengths) : vectors
        return DifferenceMetrics(of: .pooled, own, made, rtol: 0)?.maximum
    }

    /// The way of making vectors, (B, H), of tokens, (B, T, H), that comes closest to `vectors`, and how close.
    static func closest(
        _ vectors: Tensor, to tokens: Tensor
    ) -> (RecognizedOutput.Reduction, Double)? {
        let candidates: [(RecognizedOutput.Reduction, Tensor)] = [
            (.mean, tokens.means(from: 0)), (.cls, tokens.firstTokens), (.patchMean, tokens.means(from: 1)),
        ]
        return candidates.compactMap { reduction, made in
            DifferenceMetrics(of: .pooled, vectors, made, rtol: 0).map { (reduction, $0.maximum) }
        }.min { $0.1 < $1.1 }
    }

    /// The way of making vectors, (B, H), of the tokens of `output` that comes closest to `vectors`.
    static func match(_ vectors: Tensor, _ output: PredictedOutput) -> Match {
        let isNormalized = vectors.rowLengths.allSatisfy { abs($0 - 1) <= lengthTolerance }
        let candidates: [(RecognizedOutput.Reduction, Tensor)] = [
            (.mean, output.pooled), (.cls, output.layernorm.firstTokens), (.patchMean, output.layernorm.means(from: 1)),
        ]
        let matches = candidates.map { reduction, candidate in
            // Lengthened again, so that a limit on differences means the same for both.
            let own = isNormalized ? vectors.scalingRows(by: candidate.rowLengths) : vectors
            return Match(
                reduction: reduction, isNormalized: isNormalized,
                distance: DifferenceMetrics(of: .pooled, own, candidate, rtol: 0)?.maximum ?? .infinity)
        }
        return matches.min { $0.distance < $1.distance } ?? matches[0]
    }
}

extension Tensor {
    /// The CLS token of each image, (B, H) of (B, T, H).
    fileprivate var firstTokens: Tensor {
        let (images, tokens, hidden) = (shape[0], shape[1], shape[2])
        return Tensor(shape: [images, hidden]) { output in
            withUnsafeElements { input in
                for image in 0..<images {
                    for column in 0..<hidden {
                        output.initializeElement(
                            at: image * hidden + column, to: input[image * tokens * hidden + column])
                    }
                }
            }
        }
    }

    /// The mean over the tokens of each image but the first `start`, (B, H) of (B, T, H).
    fileprivate func means(from start: Int) -> Tensor {
        let (images, tokens, hidden) = (shape[0], shape[1], shape[2])
        return Tensor(shape: [images, hidden]) { output in
            withUnsafeElements { input in
                for image in 0..<images {
                    for column in 0..<hidden {
                        var sum = 0.0
                        for token in start..<max(tokens, start) {
                            sum += Double(input[(image * tokens + token) * hidden + column])
                        }
                        output.initializeElement(
                            at: image * hidden + column, to: Float(sum / Double(max(tokens - start, 1))))
                    }
                }
            }
        }
    }

    /// The Euclidean length of each row of (B, H).
    fileprivate var rowLengths: [Double] {
        let width = shape[1]
        return withUnsafeElements { input in
            (0..<shape[0]).map { row in
                input[row * width..<(row + 1) * width].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            }
        }
    }

    /// Each row of (B, H) times a number.
    fileprivate func scalingRows(by factors: [Double]) -> Tensor {
        let width = shape[1]
        return Tensor(shape: shape) { output in
            withUnsafeElements { input in
                for index in 0..<count {
                    output.initializeElement(at: index, to: Float(Double(input[index]) * factors[index / width]))
                }
            }
        }
    }
}
