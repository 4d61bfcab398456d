import MAEFormats
import MAERecording

/// A setting of the process or of the model that is not the same in two recordings.
public struct SettingDifference: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// Its values, as JSON writes them; nil where it was not recorded.
    public let left: String?, right: String?
    /// Whether it can change what a model computes, as far as its name tells.
    public let matters: Bool

    /// The difference in words: `threads 2 against 4`.
    var words: String { "\(name) \(left ?? "not recorded") against \(right ?? "not recorded")" }

    /// What two recordings say differently of their processes, what can matter first.
    ///
    /// Settings are recorded with the first call: where one side has none, nothing is known of them.
    static func between(_ left: Recording, _ right: Recording) -> [SettingDifference] {
        guard !left.settings.isEmpty, !right.settings.isEmpty else { return [] }
        let names = left.settings.map(\.name) + right.settings.map(\.name).filter { left.setting($0) == nil }
        let all = names.compactMap { name -> SettingDifference? in
            let (mine, theirs) = (left.setting(name), right.setting(name))
            guard mine != theirs else { return nil }
            // A flag that one version has and another has not says nothing of the two.
            return SettingDifference(
                name: name, left: mine.map(text), right: theirs.map(text),
                matters: mine != nil && theirs != nil && canMatter(name))
        }
        return all.filter(\.matters) + all.filter { !$0.matters }
    }

    /// A value as it is shown: what is very long is cut.
    static func text(_ value: JSONValue) -> String {
        let text = value.string ?? value.compactText
        return text.count > 120 ? text.prefix(117) + "…" : text
    }

    /// Whether a setting of this name decides on what is computed: all others are told last.
    private static func canMatter(_ name: String) -> Bool {
        let name = name.lowercased()
        let parts = [
            "torch", "transformers", "capability", "thread", "tf32", "precision", "deterministic", "benchmark", "cudnn",
            "mkl", "dnn", "blas", "sdp", "flash", "attention", "dtype", "autocast", "cuda", "gpu", "device", "denormal",
            "reduction", "math", "isa", "omp", "kmp", "arch", "machine", "processor", "cpu", "fp16", "bf16",
        ]
        return parts.contains { name.contains($0) }
    }
}
