import MAEDomain
import MAEFormats

extension TracedOrigin {
    /// The kind of origin, as runs record and reports name it.
    public var kind: ConfigurationOrigin {
        switch self {
        case .configFile: .configJSON
        case .pickledObject: .pickledConfig
        case .pickledModules: .pickledModules
        case .stated: .stated
        case .option: .configOption
        case .shapes: .inferred
        case .guess: .guess
        case .transformersDefault, .preset: .defaultValue
        case .flag: .flag
        }
    }

    /// What a guess rests on; nil for other origins.
    public var reason: String? {
        guard case .guess(let reason) = self else { return nil }
        return reason
    }
}

extension TracedConfiguration {
    /// Every value as JSON text, with where it came from.
    public var fields: [ConfigurationField] {
        ConfigurationKey.allCases.map { field in
            let origin = origin(of: field)
            return ConfigurationField(
                name: field.rawValue, value: values[field].compactText, origin: origin.kind, reason: origin.reason)
        }
    }
}
