/// Which pixels of a row or column make each pixel of another length, and with what weights.
///
/// Weights are fixed-point numbers as Pillow has them for pictures of 8 bits, computed in the same order: the same bits.
struct ResamplingWeights {
    /// First pixel that counts, by output pixel.
    let first: [Int]
    /// How many count from there on, by output pixel.
    let count: [Int]
    /// ``width`` weights for each output pixel, those behind its count unused.
    let weights: [Int32]
    /// Places for weights of each output pixel.
    let width: Int

    /// Bits behind the point: what 32 leave for 8 bits of the sample, a sign, and sums above 1 of filters with negative weights.
    static let fractionBits: Int32 = 32 - 8 - 2

    /// Weights from `input` pixels to `output`, both at least 1, with a filter of this support.
    init(from input: Int, to output: Int, _ filter: ResamplingFilter, support filterSupport: Double) {
        let scale = Double(input) / Double(output)
        let filterScale = max(scale, 1)
        let support = filterSupport * filterScale
        let width = Int(support.rounded(.up)) * 2 + 1
        let step = 1 / filterScale
        var first: [Int] = []
        var count: [Int] = []
        var weights = [Int32](repeating: 0, count: width * output)
        var exact = [Double](repeating: 0, count: width)
        for pixel in 0..<output {
            let center = (Double(pixel) + 0.5) * scale
            let begin = max(Int(center - support + 0.5), 0)
            let end = min(Int(center + support + 0.5), input)
            var sum = 0.0
            for place in 0..<end - begin {
                let weight = filter.weight((Double(place + begin) - center + 0.5) * step)
                exact[place] = weight
                sum += weight
            }
            for place in 0..<end - begin {
                let scaled = (sum == 0 ? exact[place] : exact[place] / sum) * Double(1 << Self.fractionBits)
                weights[pixel * width + place] = Int32(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
            }
            first.append(begin)
            count.append(end - begin)
        }
        (self.first, self.count, self.weights, self.width) = (first, count, weights, width)
    }
}
