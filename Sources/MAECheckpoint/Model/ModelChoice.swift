import MAEFormats

/// Which of the models of a file is taken, and why.
struct ModelChoice {
    let taken: ModelCandidate
    /// The others, in the order of the file.
    let others: [ModelCandidate]
    /// Why it was this one, as the end of a sentence.
    let reason: String

    /// A model has at least this part of the parameters of the largest one; smaller ones are parts, such as a head.
    private static let leastShare = 4

    /// Takes the model with the most parameters, a copy only when there is nothing else, and the first in the file.
    ///
    /// Nil when there is none.
    init?(among candidates: [ModelCandidate]) {
        let models = Self.models(among: candidates)
        let most = models.map(\.score).max() ?? 0
        let largest = models.indices.filter { models[$0].score == most }
        guard let index = largest.first(where: { !models[$0].isCopy }) ?? largest.first else { return nil }
        taken = models[index]
        others = Array(models[..<index] + models[(index + 1)...])
        reason =
            if largest.count < models.count {
                "it has the most parameters of a ViT-MAE"
            } else if largest.contains(where: { models[$0].isCopy }), !models[index].isCopy {
                "names of averages and copies come last"
            } else {
                "it comes first in the file"
            }
    }

    /// Takes the model of a name that the user gave.
    ///
    /// Throws ``CheckpointError/Code/missing``, with the names that there are, when the file has none of this name.
    init(of key: String, among candidates: [ModelCandidate], path: String) throws(CheckpointError) {
        guard let index = candidates.firstIndex(where: { $0.key == key }) else {
            let names = candidates.map(\.key).filter { !$0.isEmpty }
            throw CheckpointError(
                .missing, path: path, place: key,
                names.isEmpty
                    ? "the file holds one model, which has no name. Leave --weights out."
                    : "there is no model of this name. Name one of: \(ParameterBinding.list(names)).")
        }
        taken = candidates[index]
        others = Self.models(among: candidates).filter { $0.key != key }
        reason = "it was named"
    }

    private static func models(among candidates: [ModelCandidate]) -> [ModelCandidate] {
        let encoders = candidates.filter(\.hasEncoder)
        let models = encoders.isEmpty ? candidates : encoders
        let most = models.map(\.score).max() ?? 0
        return models.filter { $0.score * leastShare >= most }
    }
}
