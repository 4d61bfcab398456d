import MAEText
import MAEVerify

extension RunPlan {
    /// The mask ratio of the run in words: the one that was given, or whose it is.
    var maskRatioWords: String {
        if let maskRatio { return NumberText.short(maskRatio) }
        return methods.contains { $0.maskRatio != nil }
            ? "as each method sets it, or its checkpoint says" : "as each checkpoint says"
    }
}
