import MAEFormats

extension CheckpointObservations {
    /// The values that nothing says, with what each guess rests on.
    var guessedFields: CheckpointFinding? {
        guard raw.configuration == nil, option == nil else { return nil }
        var guesses: [String] = []
        var defaults: [String] = []
        for field in ConfigurationKey.allCases {
            let value = "\(field.rawValue) \(configuration.values[field].compactText)"
            switch configuration.origin(of: field) {
            case .guess(let reason): guesses.append("\(value) (\(reason))")
            case .transformersDefault: defaults.append(value)
            default: break
            }
        }
        let parts = [("Guessed", guesses), ("Defaults of transformers", defaults)].filter { !$0.1.isEmpty }
        guard !parts.isEmpty else { return nil }
        return CheckpointFinding(
            .guessedConfiguration, .warning, at: location,
            "\(unstated). " + parts.map { "\($0): \($1.joined(separator: ", ")). " }.joined()
                + "Name the right one with --config.")
    }

    /// Why there is something to guess.
    private var unstated: String {
        guard raw.stated.statements.isEmpty else { return "the file states only some of its configuration" }
        return raw.method == .pretrained
            ? "there is no configuration of a ViT-MAE" : "a state dict holds no configuration"
    }
}
