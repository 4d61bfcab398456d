import MAEFormats

/// Finds a checkpoint's configuration: what was named goes first, then what PyTorch computes with, then what is stated.
struct ConfigurationResolution {
    let raw: RawCheckpoint
    let option: ConfigurationSource?

    /// The configuration, and what a person should know about how it was found.
    func resolve(
        _ naming: ParameterNaming, shapes: @autoclosure () -> [String: [Int]], modules: ModuleFacts?
    ) throws(CheckpointError) -> (configuration: TracedConfiguration, findings: [CheckpointFinding]) {
        var findings = [raw.unusedConfiguration?.finding(option: option)].compactMap { $0 }
        var traced: TracedConfiguration
        if let source = option ?? raw.configuration {
            traced = try source.configuration()
        } else {
            try requireInference()
            traced = try ConfigurationInference(shapes: shapes(), stated: raw.stated.first, path: raw.path)
                .configuration(dialect: naming.dialect)
            adoptStatements(into: &traced)
        }
        if let facts = modules {
            findings += [try apply(facts, to: &traced)].compactMap { $0 }
        }
        findings += [contradictions(to: traced), arithmetic(of: traced.values)].compactMap { $0 }
        return (traced, findings)
    }

    /// Throws where nothing but the shapes could say the configuration and another source has to.
    private func requireInference() throws(CheckpointError) {
        switch raw.unusedConfiguration {
        case .foreign: return
        case .unreadable(let error): throw error
        case nil: guard raw.method == .stateDict else { throw missing }
        }
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

    /// Takes stated values for the fields that nothing else says.
    private func adoptStatements(into traced: inout TracedConfiguration) {
        for statement in raw.stated.first.values.sorted(by: { $0.place < $1.place })
        where traced.origin(of: statement.field).isUncertain {
            var trial = traced
            do throws(CheckpointError) {
                try trial.values.set(statement.field, to: statement.value, path: raw.path)
                if statement.field == .maskRatio { trial.values.maskRatioArithmetic = statement.arithmetic }
                try trial.values.validate(path: raw.path)
            } catch {
                continue
            }
            // Other sizes than the position embeddings are for can only be another program's.
            guard trial.values.patchCount == traced.values.patchCount else { continue }
            trial.origins[statement.field] = .stated(path: raw.path, place: statement.place)
            traced = trial
        }
    }

    /// That the type of the mask ratio changes the number of visible patches; nil where it does not.
    private func arithmetic(of values: ViTMAEConfiguration) -> CheckpointFinding? {
        let (kept, inDouble) = (values.keptCount(), values.keptCount(maskRatio: values.maskRatio))
        guard kept != inDouble else { return nil }
        return CheckpointFinding(
            .maskRatioType, at: CheckpointLocation(path: raw.path, place: ConfigurationKey.maskRatio.rawValue),
            "is stored in the type \(values.maskRatioArithmetic.typeName), in which PyTorch keeps \(kept) of "
                + "\(values.patchCount) patches, as is done here; in double precision the same ratio keeps \(inDouble)."
        )
    }

    /// Statements of the file that contradict the values taken.
    private func contradictions(to traced: TracedConfiguration) -> CheckpointFinding? {
        var seen: Set<String> = []
        let list = raw.stated.statements.compactMap { statement -> String? in
            var other = ViTMAEConfiguration()
            guard (try? other.set(statement.field, to: statement.value, path: "")) != nil else { return nil }
            let taken = traced.values[statement.field]
            guard other[statement.field] != taken, seen.insert(statement.place).inserted else { return nil }
            return "\(statement.place) is \(other[statement.field].compactText), and \(statement.field.rawValue) "
                + "\(taken.compactText) was taken \(traced.origin(of: statement.field))"
        }
        guard !list.isEmpty else { return nil }
        return CheckpointFinding(
            .contradictoryConfiguration, .warning, at: CheckpointLocation(path: raw.path),
            "the file states other values than were taken: \(ParameterBinding.list(list)).")
    }
}
