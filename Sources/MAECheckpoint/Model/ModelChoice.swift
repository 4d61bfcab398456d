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

    /// Takes, of those that `method` reads, a model that is no copy before one that is, then the one with the most parameters,
    /// then a pickled model, then the first in the file.
    ///
    /// Nil when there is none.
    init?(among candidates: [ModelCandidate], by method: LoadingChoice) {
        let models = Self.models(among: candidates)
        let readable = models.indices.filter { models[$0].isRead(by: method) }
        let originals = readable.filter { !models[$0].comesLast }
        let eligible = originals.isEmpty ? readable : originals
        let most = eligible.map { models[$0].score }.max() ?? 0
        let largest = eligible.filter { models[$0].score == most }
        let pickled = largest.filter { models[$0].module != nil }
        guard let index = pickled.first ?? largest.first else { return nil }
        taken = models[index]
        others = Self.others(in: models, than: index)
        elsewhere = Self.keys(of: candidates, like: taken, outside: models)
        reason =
            if readable.count < models.count, readable.count == 1 {
                "it is the only one that the method \(method.rawValue) reads"
            } else if eligible.count < readable.count, eligible.count == 1 {
                models.contains { $0.place.isKept }
                    ? "names of averages and copies, and what a module only keeps, come last"
                    : "names of averages and copies come last"
            } else if largest.count < eligible.count {
                "it has the most parameters of a ViT-MAE"
            } else if pickled.count == 1, largest.count > 1 {
                "a pickled model says how it computes, and weights alone do not"
            } else {
                "it comes first in the file"
            }
    }

    /// Takes the model of a name that the user gave.
    ///
    /// Throws ``CheckpointError/Code/missing``, with the names that there are, when the file has none of this name,
    /// ``CheckpointError/Code/contradiction`` when it has two, and ``CheckpointError/Code/unsupportedFormat`` when `method`
    /// does not read it.
    init(
        of key: String, among candidates: [ModelCandidate], by method: LoadingChoice, path: String
    ) throws(CheckpointError) {
        let found = candidates.indices.filter { candidates[$0].named(key) != nil }
        guard let index = found.first, let named = candidates[index].named(key) else {
            let names = candidates.flatMap { [$0.key] + $0.otherKeys }.filter { !$0.isEmpty }
            throw CheckpointError(
                .missing, path: path, place: key,
                names.isEmpty
                    ? "the file holds one model, which has no name. Leave --weights out."
                    : "there is no model of this name. Name one of: \(ParameterBinding.list(names.map(\.shortName))).")
        }
        guard found.count == 1 else {
            throw CheckpointError(
                .contradiction, path: path, place: key,
                "\(found.count) models of the file have this name, with points inside their keys. Save the one that is "
                    + "meant into a file of its own.")
        }
        guard named.isRead(by: method) else {
            throw CheckpointError(
                .unsupportedFormat, path: path, place: key,
                "is \(named.method.content), which the method \(method.rawValue) does not read. "
                    + "Load it by the method \(named.method.rawValue).")
        }
        taken = named
        let models = Self.models(among: candidates)
        others = Array(models.filter { $0.named(key) == nil }.prefix(Self.mostOthers))
        elsewhere = Self.keys(of: candidates, like: taken, outside: models + [candidates[index]])
        reason = "it was named"
    }

    private static func others(in models: [ModelCandidate], than index: Int) -> [ModelCandidate] {
        Array((models[..<index] + models[(index + 1)...]).prefix(mostOthers))
    }

    /// Keys of places that are no models by themselves, of the kind that the taken one is of: weights are no part of a module.
    private static func keys(
        of candidates: [ModelCandidate], like taken: ModelCandidate, outside models: [ModelCandidate]
    ) -> [String] {
        let ways = Set(models.map(\.way))
        return candidates.filter { $0.method == taken.method && !ways.contains($0.way) }
            .flatMap { $0.entries.map(\.key) + $0.unread.map(\.key) }
    }

    private static func models(among candidates: [ModelCandidate]) -> [ModelCandidate] {
        let encoders = candidates.filter(\.hasEncoder)
        let models = encoders.isEmpty ? candidates : encoders
        let most = models.map(\.score).max() ?? 0
        return models.filter { $0.score * leastShare >= most }
    }
}

extension ModelCandidate {
    /// Whether `method` reads models of its kind.
    fileprivate func isRead(by method: LoadingChoice) -> Bool { method == .automatic || method == self.method }
}
