import MAECheckpoint
import MAEEngine
import MAETensor
import MAEVerify

extension SequentialDraws {
    /// Most calls that are made: each is a pass of the whole encoder.
    private static let mostCalls = 4
    /// Most images of the batch that are computed.
    private static let mostImages = 8

    /// Runs the model of `method` on this machine as often as the run has methods, each time with the next draw of noise.
    ///
    /// - Returns: without a figure when this machine does not have the file, or not the memory for it.
    public static func predict(
        _ method: MAEVerify.LoadingMethod, in plan: RunPlan
    ) -> SequentialDraws {
        let calls = min(max(2, plan.methods.count), mostCalls)
        let images = min(plan.batchSize, mostImages)
        let pooled = try? outputs(
            of: method, calls: calls, images: images, maskRatio: method.maskRatio ?? plan.maskRatio,
            seed: plan.seed)
        return SequentialDraws(
            method: method.label, calls: calls, images: images, largest: pooled.flatMap(largestDifference))
    }

    private static func outputs(
        of method: MAEVerify.LoadingMethod, calls: Int, images: Int, maskRatio: Double?, seed: UInt64
    ) throws -> [Tensor] {
        let model = try Engine().load(
            ModelCheckpoint.openUnverified(
                method.path, weights: method.weights, method: MAECheckpoint.LoadingMethod(method.kind),
                configuration: method.configPath, comparesNeighbours: false))
        return try (0..<calls).map { draw in
            try model.run(
                BatchRequest(
                    seed: seed, pixels: .seeded(images: images), noise: .drawn(index: draw), maskRatio: maskRatio)
            ).output.pooled
        }
    }

    /// Nil for outputs that are not finite: two NaNs are no agreement.
    private static func largestDifference(_ outputs: [Tensor]) -> Double? {
        guard outputs.allSatisfy(\.isFinite) else { return nil }
        var largest = 0.0
        for (index, one) in outputs.enumerated() {
            for other in outputs[(index + 1)...] {
                largest = max(largest, DifferenceMetrics(of: .pooled, one, other, rtol: 0)?.maximum ?? 0)
            }
        }
        return largest
    }
}
