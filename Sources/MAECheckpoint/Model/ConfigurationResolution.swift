/// Finds a checkpoint's configuration: what was named goes first, then what PyTorch computes with, then what is stated.
struct ConfigurationResolution {
    let raw: RawCheckpoint
    let option: ConfigurationSource?

    /// The configuration, and what a person should know about how it was found.
    func resolve(
        _ naming: ParameterNaming, shapes: @autoclosure () -> [String: [Int]], modules: ModuleFacts?
    ) throws(CheckpointError) -> (configuration: TracedConfiguration, findings: [CheckpointFinding]) {
        var findings: [CheckpointFinding] = []
        var traced: TracedConfiguration
        if let source = option ?? raw.configuration {
            traced = try source.configuration()
        } else {
            guard raw.method == .stateDict else { throw missing }
            traced = try ConfigurationInference(shapes: shapes(), path: raw.path)
                .configuration(dialect: naming.dialect)
        }
        if let facts = modules {
            findings += [try apply(facts, to: &traced)].compactMap { $0 }
        }
        return (traced, findings)
    }

    private var missing: CheckpointError {
        CheckpointError(
            .missing, path: raw.path,
            raw.method == .pretrained
                ? "has no \(HubDirectory.configurationName). Fetch it from where the weights come from, "
                    + "or name one with --config."
                : "holds a model without its configuration object. Name one with --config.")
    }

    /// Lets modules go before a configuration, as in PyTorch, unless the user named another one than the pickled one.
    private func apply(
        _ facts: ModuleFacts, to traced: inout TracedConfiguration
    ) throws(CheckpointError) -> CheckpointFinding? {
        let differences = facts.differences(from: traced.values)
        guard !differences.isEmpty else { return nil }
        let isOverruled = option != nil && raw.configuration != nil
        let list = differences.map {
            "\($0.field.rawValue) is \($0.value.compactText) in the pickled modules and "
                + "\(traced.values[$0.field].compactText) \(traced.origin(of: $0.field))"
        }
        if !isOverruled {
            for (field, value) in differences {
                try traced.values.set(field, to: value, path: raw.path)
                traced.origins[field] = .pickledModules(path: raw.path)
            }
            try traced.values.validate(path: raw.path)
        }
        return CheckpointFinding(
            .contradictoryConfiguration, .warning, at: CheckpointLocation(path: raw.path),
            list.joined(separator: ", ")
                + (isOverruled
                    ? "; --config was followed, and PyTorch computes with the modules."
                    : "; the modules were followed, as PyTorch does."))
    }

}
