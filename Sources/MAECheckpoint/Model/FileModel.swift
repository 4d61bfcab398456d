import MAEFormats
import MAETensor

/// One of several models in the file of a checkpoint.
public struct FileModel: Sendable {
    /// The way to it in the file, such as `model` or `state_dict.teacher`; empty for what the file holds as a whole.
    public let key: String
    /// Other ways to the same object, each a name of the model as good as ``key``.
    public let otherKeys: [String]
    /// The method that reads it: ``LoadingChoice/full`` or ``LoadingChoice/stateDict``.
    public let method: LoadingChoice
    /// Whether this is the model of the checkpoint.
    public let isTaken: Bool
    /// Number of its tensors.
    public let tensorCount: Int
    /// Bytes of its tensors, as they are stored.
    public let byteCount: Int
    /// SHA-256 of its weights, as ``WeightsFingerprints/sha256``; nil when it is no whole ViT-MAE.
    public let sha256: SHA256Digest?
    /// Why it is no whole ViT-MAE; nil when it is.
    public let problem: String?

    /// The key for people.
    private var title: String {
        guard key.isEmpty else { return "`\(key.shortName)`" }
        return method == .full ? "the file's outermost model" : "the tensors outside of any name"
    }

    /// `` `ema` (58 tensors, 448000000 bytes, weights 1a2b3c4d5e6f) ``; `kind` is in front of the numbers.
    func description(equal: Bool, kind: String?) -> String {
        let weights =
            if equal { "the same weights" } else if let sha256 { "weights \(sha256.description.prefix(12))" } else {
                "no whole ViT-MAE: \(problem ?? "")"
            }
        let names = otherKeys.map { "also named `\($0.shortName)`" }
        let facts = names + [kind, "\(tensorCount) tensors", "\(byteCount) bytes", weights].compactMap { $0 }
        return "\(title) (\(facts.joined(separator: ", ")))"
    }
}

extension FileModel {
    /// The models of the file that `checkpoint` was read from as `raw`, its own first; none when it is the only one and has no
    /// second name.
    ///
    /// Reads all weights of all of them, on all cores.
    static func all(
        of checkpoint: ModelCheckpoint, _ raw: RawCheckpoint, option: ConfigurationSource?
    ) throws(CheckpointError) -> [FileModel] {
        guard !raw.others.isEmpty || !raw.otherKeys.isEmpty else { return [] }
        let own = FileModel(raw, isTaken: true, sha256: try checkpoint.fingerprints().sha256, problem: nil)
        return [own]
            + raw.others.map { other in
                do throws(CheckpointError) {
                    // A model that says nothing of its configuration has that of the one it is stored with.
                    let configuration = option ?? (other.configuration == nil ? checkpoint.configurationSource : nil)
                    let model = try ModelCheckpoint(other, option: configuration)
                    return FileModel(other, isTaken: false, sha256: try model.fingerprints().sha256, problem: nil)
                } catch {
                    return FileModel(other, isTaken: false, sha256: nil, problem: error.message)
                }
            }
    }

    private init(_ raw: RawCheckpoint, isTaken: Bool, sha256: SHA256Digest?, problem: String?) {
        key = raw.key
        otherKeys = raw.otherKeys
        method = raw.method
        self.isTaken = isTaken
        tensorCount = raw.entries.count
        byteCount = raw.entries.reduce(0) { $0 + $1.tensor.count * $1.tensor.dtype.byteWidth }
        self.sha256 = sha256
        self.problem = problem
    }

    /// What to say about a file with several models, or several names of one; nil when there is one with one name.
    static func finding(_ models: [FileModel], _ raw: RawCheckpoint, named: Bool) -> CheckpointFinding? {
        guard let own = models.first else { return nil }
        let location = CheckpointLocation(path: raw.path)
        let others = models.dropFirst()
        guard !others.isEmpty else {
            let names = ([own.key] + own.otherKeys).map { "`\($0.shortName)`" }
            return CheckpointFinding(
                .severalModels, .note, at: location,
                "the file holds one model under \(names.count) names, one object: \(ParameterBinding.list(names)). Each of "
                    + "them is a KEY of --weights KEY and FILE#KEY.")
        }
        let isMixed = others.contains { $0.method != own.method }
        let areEqual = others.allSatisfy { $0.sha256 == own.sha256 }
        func text(_ model: FileModel, equal: Bool = false) -> String {
            model.description(equal: equal, kind: isMixed ? model.method.content : nil)
        }
        return CheckpointFinding(
            .severalModels, named || areEqual ? .note : .warning, at: location,
            "the file holds \(models.count) models. Taken was \(text(own)), since \(raw.reason). "
                + "Not taken: \(ParameterBinding.list(others.map { text($0, equal: $0.sha256 == own.sha256) })). "
                + "Take another one with --weights KEY, or name the file as FILE#KEY"
                + (isMixed ? ", by the method full for a pickled model and state-dict for weights alone." : "."))
    }
}
