import MAECheckpoint
import MAEText

/// What two models that compute different things differ in.
struct ModelDistinction {
    /// Whether weights of the encoder differ.
    let hasOtherWeights: Bool
    /// The settings of the encoder that differ, with both values.
    let settings: [(field: ConfigurationKey, values: [String])]

    /// Sets two models against each other.
    init(_ one: GivenModel, _ other: GivenModel) {
        hasOtherWeights = one.encoder?.weights != other.encoder?.weights
        settings = ConfigurationKey.allCases.compactMap { field in
            let values = [one, other].map { $0.checkpoint.configuration.values[field] }
            guard field != .maskRatio, field.decidesEncoder, values[0] != values[1] else { return nil }
            return (field, values.map(\.compactText))
        }
    }

    /// What differs, in a few words: "weights".
    var words: String {
        if settings.isEmpty { return "weights" }
        return hasOtherWeights ? "weights and settings" : "settings"
    }

    /// The settings with their values: "`num_attention_heads` (4 and 1)"; empty when none differ.
    var settingsWords: String {
        NumberText.list(settings.map { "`\($0.field.rawValue)` (\(NumberText.list($0.values)))" })
    }
}
