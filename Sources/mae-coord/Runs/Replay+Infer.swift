import MAERun
import MAEText

extension Replay {
    /// The command line that computes the same batch from the same files without the run; nil where `infer` draws or takes others.
    var inferCommand: String? {
        let (method, batch, isPinned) = (loadingMethod, batch, plan.isPinned(batch.index))
        guard draw == 0 else { return nil }
        var words = ["mae-coord", "infer", "--model", ShellText.word(method.path)]
        func add(_ option: String, _ value: String?) {
            if let value { words += [option, ShellText.word(value)] }
        }
        add("--weights", method.weights)
        add("--config", method.configPath)
        add("--seed", "\(batch.seed)")
        if isPinned, let images = plan.images {
            guard batch.size == images.count else { return nil }
            add("--images", images.path)
        } else {
            add("--batch-size", "\(batch.size)")
        }
        add("--mask-ratio", (method.maskRatio ?? plan.maskRatio).map { "\($0)" })
        if isPinned { add("--noise-file", plan.noiseFile) }
        add("--output", "replay")
        return words.joined(separator: " ")
    }
}
