import MAETensor

/// How far apart the order of fp32 sums alone can leave two outputs of one computation.
///
/// A limit for all outputs would call small real differences rounding, so it is taken from what was measured of these very
/// models, and from how large the numbers are.
struct RoundingLimit {
    /// How much the order of tokens changes the means over them, as measured; nil where it was not.
    let measured: Double?

    /// How much larger another processor, library or number of threads may make it: these reorder more than the tokens.
    static let factor = 16.0

    /// The limit for differences from `output`: means over `tokens` tokens of an image, or tokens themselves.
    ///
    /// Two things can make it: 16 times what was measured, of which a single token shows √T times as much as a mean over T
    /// tokens; or the last bit of the largest value times √H, which is how the errors of a sum of H numbers grow.
    func limit(_ output: Tensor, isMean: Bool, tokens: Int) -> Double {
        let largest = output.withUnsafeElements { elements in
            elements.reduce(0) { Swift.max($0, Double($1.magnitude)) }
        }
        let width = Double(output.shape.last ?? 1)
        let bits = largest * Double(Float.ulpOfOne) * width.squareRoot()
        let seen = (measured ?? 0) * Self.factor * (isMean ? 1 : Double(tokens).squareRoot())
        return min(max(bits, seen), OutputRecognition.roundingLimit)
    }
}
