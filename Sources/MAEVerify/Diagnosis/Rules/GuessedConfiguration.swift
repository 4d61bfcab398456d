extension Diagnosis {
    /// Values that no file states: they were worked out or taken from the defaults.
    static let guessedConfiguration: Rule = { context in
        context.comparison.methods.compactMap { method in
            guard let cell = context.cells.first(where: { $0.method.label == method.label }) else { return nil }
            var guessed = cell.configuration.filter { $0.origin == .defaultValue }.map { "\($0.name) = \($0.value)" }
            if cell.maskRatio.origin == .defaultValue, !guessed.contains(where: { $0.hasPrefix("mask_ratio ") }) {
                guessed.append("mask_ratio = \(NumberText.short(cell.maskRatio.value))")
            }
            guard !guessed.isEmpty else { return nil }
            return Explanation(
                finding: Finding(
                    code: "guessed-configuration", severity: .warning,
                    sentence:
                        "`\(method.label)` (\(method.path)) does not say \(NumberText.count(guessed.count, "value")) "
                        + "of its configuration, so the defaults were taken: \(NumberText.list(guessed)).",
                    remedy: "Give the model's config.json with --config."))
        }
    }
}
