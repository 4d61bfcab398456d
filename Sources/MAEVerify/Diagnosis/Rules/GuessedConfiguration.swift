import MAEDomain
import MAEText

extension Diagnosis {
    /// Values that no file states: they were guessed, or taken from the defaults.
    static let guessedConfiguration: Rule = { context in
        context.comparison.methods.compactMap { method in
            guard let cell = context.cells.first(where: { $0.method.label == method.label }) else { return nil }
            let unstated = UnstatedValues(of: cell)
            guard unstated.count > 0 else { return nil }
            return Explanation(
                finding: Finding(
                    code: .guessedConfiguration, severity: .warning,
                    sentence:
                        "`\(method.label)` (\(method.place)) does not say \(NumberText.count(unstated.count, "value")) "
                        + "of its configuration, so \(unstated.words).",
                    evidence: unstated.guesses.map(UnstatedValues.evidence(of:)),
                    remedy: "Give the model's config.json with --config."))
        }
    }
}

/// The values of a cell's configuration that nothing states.
private struct UnstatedValues {
    /// The fields whose value the weights suggest.
    let guesses: [ConfigurationField]
    /// Name and value of the fields that have the library's default.
    private let defaults: [String]

    init(of cell: Observation) {
        guesses = cell.configuration.filter { $0.origin == .guess }
        var defaults = cell.configuration.filter { $0.origin == .defaultValue }.map { "\($0.name) = \($0.value)" }
        if cell.maskRatio.origin == .defaultValue, !defaults.contains(where: { $0.hasPrefix("mask_ratio ") }) {
            defaults.append("mask_ratio = \(NumberText.short(cell.maskRatio.value))")
        }
        self.defaults = defaults
    }

    var count: Int { guesses.count + defaults.count }

    /// What was done, to stand after "so".
    var words: String {
        // A wrong guess computes another model, so none of the guesses is left out.
        let guessed = NumberText.list(guesses.map { "\($0.name) = \($0.value)" }, limit: guesses.count)
        let taken = NumberText.list(defaults)
        if guesses.isEmpty { return "the defaults were taken: \(taken)" }
        if defaults.isEmpty { return "a guess was taken: \(guessed)" }
        return "a guess was taken for \(guessed), and the defaults for the rest: \(taken)"
    }

    /// What one guess rests on.
    static func evidence(of guess: ConfigurationField) -> String {
        "\(guess.name) = \(guess.value) is a guess: \(guess.reason ?? "the node does not say what it rests on")."
    }
}
