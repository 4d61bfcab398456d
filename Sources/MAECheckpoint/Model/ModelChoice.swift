import MAEFormats

/// Which of the models of a file is taken, and why.
struct ModelChoice {
    let taken: ModelCandidate
    /// The others, in the order of the file.
    let others: [ModelCandidate]
    /// Keys of the file's dictionaries that are no whole models, where more blocks of the taken one may be.
    let elsewhere: [String]
    /// Why it was this one, as the end of a sentence.
    let reason: String

    /// A model has at least this part of the parameters of the largest one; smaller ones are parts, such as a head.
    private static let leastShare = 4
    /// Most others that are compared with it: each is read as a whole.
    private static let mostOthers = 16

    /// Takes a model that is no copy before one that is, then the one with the most parameters, then the first in the file.
    ///
    /// Nil when there is none.
    init?(among candidates: [ModelCandidate]) {
        let models = Self.models(among: candidates)
        let originals = models.indices.filter { !models[$0].isCopy }
        let eligible = originals.isEmpty ? Array(models.indices) : originals
        let most = eligible.map { models[$0].score }.max() ?? 0
        let largest = eligible.filter { models[$0].score == most }
        guard let index = largest.first else { return nil }
        taken = models[index]
        others = Self.others(in: models, than: index)
        elsewhere = Self.keys(of: candidates, outside: models)
        reason =
            if eligible.count < models.count, eligible.count == 1 {
                "names of averages and copies come last"
            } else if largest.count < eligible.count {
                "it has the most parameters of a ViT-MAE"
            } else {
                "it comes first in the file"
            }
    }

    /// Takes the model of a name that the user gave.
    ///
    /// Throws ``CheckpointError/Code/missing``, with the names that there are, when the file has none of this name, and
    /// ``CheckpointError/Code/contradiction`` when it has two.
    init(of key: String, among candidates: [ModelCandidate], path: String) throws(CheckpointError) {
        // As Python compares: two spellings of one accent are two names.
        let found = candidates.indices.filter { candidates[$0].key.utf8.elementsEqual(key.utf8) }
        guard let index = found.first else {
            let names = candidates.map(\.key).filter { !$0.isEmpty }
            throw CheckpointError(
                .missing, path: path, place: key,
                names.isEmpty
                    ? "the file holds one model, which has no name. Leave --weights out."
                    : "there is no model of this name. Name one of: \(ParameterBinding.list(names)).")
        }
        guard found.count == 1 else {
            throw CheckpointError(
                .contradiction, path: path, place: key,
                "\(found.count) models of the file have this name, with points inside their keys. Save the one that is "
                    + "meant into a file of its own.")
        }
        taken = candidates[index]
        let models = Self.models(among: candidates)
        others = Array(models.filter { !$0.key.utf8.elementsEqual(key.utf8) }.prefix(Self.mostOthers))
        elsewhere = Self.keys(of: candidates, outside: models + [taken])
        reason = "it was named"
    }

    private static func others(in models: [ModelCandidate], than index: Int) -> [ModelCandidate] {
        Array((models[..<index] + models[(index + 1)...]).prefix(mostOthers))
    }

    /// Keys of dictionaries that are no models by themselves.
    private static func keys(of candidates: [ModelCandidate], outside models: [ModelCandidate]) -> [String] {
        let ways = Set(models.map(\.way))
        return candidates.filter { !ways.contains($0.way) }.flatMap { $0.entries.map(\.key) + $0.unread.map(\.key) }
    }

    private static func models(among candidates: [ModelCandidate]) -> [ModelCandidate] {
        let encoders = candidates.filter(\.hasEncoder)
        let models = encoders.isEmpty ? candidates : encoders
        let most = models.map(\.score).max() ?? 0
        return models.filter { $0.score * leastShare >= most }
    }
}
