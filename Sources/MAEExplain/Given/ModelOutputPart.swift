import MAEFormats

/// A field of what transformers returns that is no output of the encoder.
enum ModelOutputPart: String, Sendable, Hashable, CaseIterable {
    case loss, logits, mask, noise
    case idsRestore = "ids_restore"
    case hiddenStates = "hidden_states"
    case attentions

    /// The field that is the output of the encoder.
    static let wanted = "last_hidden_state"

    /// What it is, in a few words.
    var words: String {
        switch self {
        case .loss: "the loss"
        case .logits: "the decoder's prediction"
        case .mask: "which patches were removed"
        case .noise: "what the mask was drawn from"
        case .idsRestore: "the order of the patches"
        case .hiddenStates: "states from before the final layer norm"
        case .attentions: "attention probabilities"
        }
    }

    /// Whether names are those of the fields that a ViT-MAE of transformers returns.
    static func areFields(_ names: Set<String>) -> Bool {
        names.contains(wanted) || names.contains(logits.rawValue) || names.contains(idsRestore.rawValue)
    }
}

/// What was left out of a file of outputs.
public struct LeftOutParts: Sendable {
    /// What the file is called in reports.
    let label: String
    /// The fields, in the order of the file.
    let parts: [ModelOutputPart]

    /// `logits (the decoder's prediction) and mask (which patches were removed)`.
    var words: String { parts.map { "\($0.rawValue) (\($0.words))" }.joined(separator: ", ") }
}

extension PickleObject {
    /// Whether it is what a model of transformers returns: a class that ends in `Output` and is a kind of dictionary.
    var isModelOutput: Bool {
        guard let name = className, name.hasPrefix("transformers.") else { return false }
        return name.hasSuffix("Output") && !entries.isEmpty
    }
}
