import MAECheckpoint
import MAECompute
import MAEDomain
import MAEEngine
import MAETensor
import MAEVerify

extension SequentialDraws {
    /// Most calls that are made: each is a pass of the whole encoder.
    private static let mostCalls = 4
    /// Most images of the batch that are computed.
    private static let mostImages = 8

    /// What a run with `plan` would draw, when `obstacle` keeps it from being computed.
    public init(_ method: LoadingMethod, in plan: RunPlan, obstacle: String) {
        self.init(
            method: method.label, calls: Self.calls(plan), images: Self.images(plan), largest: nil, obstacle: obstacle)
    }

    /// Runs the model of `method` on this machine as often as the run has methods, each time with the next draw of noise.
    ///
    /// - Parameters:
    ///   - weights: digest of the weights that the run computed with; nil takes any.
    ///   - control: ends the computation between two operations.
    /// - Returns: without a figure when this machine does not have the same file, or not the memory for it.
    public static func predict(
        _ method: LoadingMethod, weights: SHA256Digest? = nil, in plan: RunPlan,
        control: RunControl = RunControl()
    ) -> SequentialDraws {
        do {
            let model = try Engine().load(
                ModelCheckpoint.openUnverified(
                    method.path, weights: method.weights, method: LoadingChoice(method.kind),
                    configuration: method.configPath, comparesNeighbors: false), decodes: false)
            guard try weights.map({ try model.checkpoint.fingerprints().sha256 == $0 }) ?? true else {
                return SequentialDraws(
                    method, in: plan, obstacle: "`\(method.path)` holds other weights on this machine")
            }
            let outputs = try outputs(of: model, maskRatio: method.maskRatio ?? plan.maskRatio, plan, control)
            return SequentialDraws(
                method: method.label, calls: outputs.count, images: images(plan), largest: largestDifference(outputs))
        } catch {
            return SequentialDraws(method, in: plan, obstacle: "\(error)")
        }
    }

    private static func calls(_ plan: RunPlan) -> Int { min(max(2, plan.methods.count), mostCalls) }

    private static func images(_ plan: RunPlan) -> Int { min(plan.size(ofBatch: 0), mostImages) }

    private static func outputs(
        of model: LoadedModel, maskRatio: Double?, _ plan: RunPlan, _ control: RunControl
    ) throws -> [Tensor] {
        let count = images(plan)
        let pixels: BatchRequest.Pixels =
            try plan.images.map { .given(try $0.source().images(0..<count).pixels) } ?? .seeded(images: count)
        return try (0..<calls(plan)).map { draw in
            try model.run(
                BatchRequest(seed: plan.seed, pixels: pixels, noise: .drawn(index: draw), maskRatio: maskRatio),
                control: control
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
