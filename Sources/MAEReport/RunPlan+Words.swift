import MAEText
import MAEVerify

extension RunPlan {
    /// The batches in words: `2 batches of 8`, with those that were drawn for this run.
    var batchWords: String {
        let pinned = "\(NumberText.count(pinnedBatches, "batch", "batches")) of \(batchSize)"
        guard let rotating else { return pinned }
        return "\(pinned), and \(rotating.count) fresh from seed \(rotating.seed)"
    }

    /// The mask ratio of the run in words: the one that was given, or whose it is.
    var maskRatioWords: String {
        if let maskRatio { return NumberText.short(maskRatio) }
        return methods.contains { $0.maskRatio != nil }
            ? "as each method sets it, or its checkpoint says" : "as each checkpoint says"
    }
}
