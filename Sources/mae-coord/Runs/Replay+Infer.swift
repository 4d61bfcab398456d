import MAEDomain
import MAEExplain
import MAEPictures
import MAERun
import MAEText
import MAEVerify

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
            guard batch.size == images.count, isPrepared(images, alikeBy: method) else { return nil }
            add("--images", images.path)
        } else {
            add("--batch-size", "\(batch.size)")
        }
        add("--mask-ratio", (method.maskRatio ?? plan.maskRatio).map { "\($0)" })
        if isPinned { add("--noise-file", plan.noiseFile) }
        add("--output", "replay")
        return words.joined(separator: " ")
    }

    /// Whether `infer` does to pictures what the run did: it looks at this model alone.
    private func isPrepared(_ images: PlannedImages, alikeBy method: LoadingMethod) -> Bool {
        guard let preparation = images.preparation else {
            // It would take pictures that came to lie there, too.
            return (try? ImageSource.listing(images.path))?.names.allSatisfy { $0.hasSuffix(".npy") } == true
        }
        let recorded = try? images.recordedPreprocessing()
        let found = try? Preprocessing.find(
            in: [method.path, method.configPath].compactMap(\.self), otherwise: recorded?.fixedExtent ?? .standard)
        return found?.settings == preparation.settings
    }
}
