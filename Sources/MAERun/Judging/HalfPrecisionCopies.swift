import MAECheckpoint
import MAEDomain
import MAEExplain
import MAETensor
import MAEVerify

/// Finds, among weights of a run that differ, those that are copies of others in half precision.
///
/// Workers send digests, which say that weights differ and not how. So where some differ, this machine looks into its
/// own files, after the run: a run whose weights agree costs nothing more, and no worker does anything for it. A file
/// counts only when it holds the very weights that a worker reported. Where this machine lacks such files, nothing is
/// found.
enum HalfPrecisionCopies {
    private struct Model {
        let path: String
        let digest: SHA256Digest
        let checkpoint: ModelCheckpoint

        /// Nil when the file is not here or cannot be read by the method.
        init?(_ method: LoadingMethod) {
            guard
                let checkpoint = try? ModelCheckpoint.open(
                    method.path, weights: method.weights, method: LoadingChoice(method.kind),
                    configuration: method.configPath, comparesNeighbors: false),
                let fingerprints = try? checkpoint.fingerprints()
            else { return nil }
            path = method.place
            digest = fingerprints.sha256
            self.checkpoint = checkpoint
        }
    }

    /// What the files of this machine say of the weights in `observations`; nothing more once the step is to stop.
    static func find(in observations: [Observation], _ step: StepControl) -> [HalfPrecisionCopy] {
        let reported = Set(observations.map(\.weights.digest))
        guard reported.count > 1 else { return [] }
        var seen: Set<String> = []
        var models: [Model] = []
        for method in observations.map(\.method) where seen.insert(method.label).inserted {
            if step.isCancelled { return [] }
            step.show("comparing weights: reading \(method.path)")
            guard let model = Model(method), reported.contains(model.digest),
                !models.contains(where: { $0.digest == model.digest })
            else { continue }
            models.append(model)
        }
        var found: [HalfPrecisionCopy] = []
        for (index, one) in models.enumerated() {
            for other in models[(index + 1)...] {
                if step.isCancelled { return [] }
                step.show("comparing weights: \(one.path) and \(other.path)")
                // Weights that are no floats were refused by the workers already.
                let difference = try? ModelDifference(one.checkpoint, other.checkpoint)
                if let rounding = difference?.rounding {
                    found.append(HalfPrecisionCopy(rounding, between: one.digest, and: other.digest))
                }
            }
        }
        return found
    }
}

extension HalfPrecisionCopy {
    /// What was found between the weights of two digests.
    fileprivate init(_ rounding: WeightRounding, between first: SHA256Digest, and second: SHA256Digest) {
        let format: Format =
            switch rounding.format {
            case .float16: .float16
            case .bfloat16: .bfloat16
            }
        let isFirst = rounding.rounded == .first
        self.init(
            digest: isFirst ? first : second, original: isFirst ? second : first, format: format)
    }
}
