import MAECheckpoint
import MAEFormats
import MAERecording

extension RecordedCall {
    /// The configuration of the model: of several, that of the outermost module.
    var configuration: [JSONMember] {
        model.configurations.min { $0.path.utf8.count < $1.path.utf8.count }?.values ?? []
    }

    /// A value of the configuration.
    func configured(_ key: String) -> JSONValue? { configuration.first { $0.key == key }?.value }

    /// Whether dropout changed what the call computed: it was in training mode, and something in it drops.
    var dropsOut: Bool {
        let layers = model.modules.contains { module in
            module.isTraining && module.className.hasSuffix("Dropout")
                && module.settings.contains { $0.key == "p" && ($0.value.double ?? 0) > 0 }
        }
        let rates: [ConfigurationKey] = [.hiddenDropout, .attentionDropout]
        return call.isTraining && (layers || rates.contains { (configured($0.rawValue)?.double ?? 0) > 0 })
    }

    /// dtypes of the weights, as text.
    var weightTypes: String { RecordedWeights(model).dtypes.joined(separator: ", ") }

    /// Autocast as text; nil without it.
    var autocastText: String? {
        call.autocast.isEmpty
            ? nil : call.autocast.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    /// What two calls and their models say differently of how they compute; the configuration and the mask ratio are apart.
    static func modeDifferences(_ left: RecordedCall, _ right: RecordedCall) -> [SettingDifference] {
        func flag(_ value: Bool?) -> String? { value.map { $0 ? "true" : "false" } }
        let values: [(String, String?, String?, matters: Bool)] = [
            ("training mode", flag(left.call.isTraining), flag(right.call.isTraining), true),
            ("autocast", left.autocastText ?? "off", right.autocastText ?? "off", true),
            ("dtype of the weights", left.weightTypes, right.weightTypes, true),
            ("dtype of the output", left.final?.dtype, right.final?.dtype, true),
            ("device", left.final?.device, right.final?.device, true),
            ("attention", left.model.attention, right.model.attention, true),
            ("torch.compile", flag(left.model.isCompiled), flag(right.model.isCompiled), true),
            ("gradients", flag(left.call.hasGradients), flag(right.call.hasGradients), false),
            ("inference mode", flag(left.call.isInference), flag(right.call.isInference), false),
            ("class", left.model.className, right.model.className, false),
        ]
        // What one side does not tell is no difference: an output is missing where the call threw.
        let stated = values.filter { $0.1 != $0.2 && $0.1 != nil && $0.2 != nil }.map {
            SettingDifference(name: $0.0, left: $0.1, right: $0.2, matters: $0.matters)
        }
        return stated + moduleSettings(left, right)
    }

    /// Attributes of modules, such as the rate of a dropout, that differ: the first modules, with how many there are.
    private static func moduleSettings(_ left: RecordedCall, _ right: RecordedCall) -> [SettingDifference] {
        let others = Dictionary(zip(right.keys.keys, right.model.modules)) { first, _ in first }
        var found: [String: (difference: SettingDifference, count: Int)] = [:]
        var order: [String] = []
        for (key, module) in zip(left.keys.keys, left.model.modules) {
            guard let other = others[key], other.className == module.className else { continue }
            for member in module.settings {
                guard let theirs = other.settings.first(where: { $0.key == member.key })?.value, theirs != member.value
                else { continue }
                let kind = "\(module.className) \(member.key) \(member.value.compactText) \(theirs.compactText)"
                if let known = found[kind] {
                    found[kind] = (known.difference, known.count + 1)
                    continue
                }
                order.append(kind)
                let difference = SettingDifference(
                    name: "\(member.key) of \(module.words)", left: SettingDifference.text(member.value),
                    right: SettingDifference.text(theirs), matters: true)
                found[kind] = (difference, 1)
            }
        }
        return order.compactMap { kind in
            found[kind].map { difference, count in
                count == 1
                    ? difference
                    : SettingDifference(
                        name: "\(difference.name) and \(count - 1) more", left: difference.left,
                        right: difference.right, matters: true)
            }
        }
    }

    /// Values of the configuration that the encoder computes with and that differ; the mask ratio is apart.
    static func configurationDifferences(_ left: RecordedCall, _ right: RecordedCall) -> [SettingDifference] {
        ConfigurationKey.allCases.compactMap { field in
            guard field != .maskRatio, field.decidesEncoder, let mine = left.configured(field.rawValue),
                let theirs = right.configured(field.rawValue), mine != theirs,
                mine.double == nil || mine.double != theirs.double
            else { return nil }
            return SettingDifference(
                name: field.rawValue, left: SettingDifference.text(mine), right: SettingDifference.text(theirs),
                matters: true)
        }
    }
}
