import MAETensor

/// The orders in which class `canonical-v1` adds.
package enum CanonicalOrder {
    /// Length of the chains a matrix product's sum is cut into.
    package static let productBlock = 128
    /// Number of strided partial sums of a row reduction.
    package static let reductionLanes = 16

    /// Sum over `count` products: chains of ``productBlock`` fused multiply-adds from +0, their results added in order.
    ///
    /// An empty sum is +0.
    @inline(__always)
    static func dotProduct(count: Int, _ factors: (Int) -> (Float, Float)) -> Float {
        var total: Float = 0
        for start in stride(from: 0, to: count, by: productBlock) {
            var chain: Float = 0
            for k in start..<min(start + productBlock, count) {
                let (a, b) = factors(k)
                chain = CanonicalMath.fma(a, b, chain)
            }
            total = start == 0 ? chain : total + chain
        }
        return total
    }

    /// Sum over `count` terms: lane j takes terms j, j + 16, … from +0, then lanes are added at distance 8, 4, 2, 1.
    @inline(__always)
    package static func sum(count: Int, accumulate: (Int, Float) -> Float) -> Float {
        var lanes = [Float](repeating: 0, count: reductionLanes)
        for index in 0..<count {
            lanes[index % reductionLanes] = accumulate(index, lanes[index % reductionLanes])
        }
        var distance = reductionLanes / 2
        while distance > 0 {
            for lane in 0..<distance { lanes[lane] += lanes[lane + distance] }
            distance /= 2
        }
        return lanes[0]
    }
}
