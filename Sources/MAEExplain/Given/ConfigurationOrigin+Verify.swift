import MAEDomain
import Foundation
import MAECheckpoint
import MAEFormats
import MAEVerify

extension MAEDomain.ConfigurationOrigin {
    /// The kind of an origin.
    init(_ origin: MAECheckpoint.ConfigurationOrigin) {
        switch origin {
        case .configFile: self = .configJSON
        case .pickledObject: self = .pickledConfig
        case .pickledModules: self = .pickledModules
        case .stated: self = .stated
        case .option: self = .configOption
        case .shapes: self = .inferred
        case .guess: self = .guess
        case .transformersDefault, .preset: self = .defaultValue
        case .flag: self = .flag
        }
    }
}

extension MAEDomain.ConfigurationField {
    /// Every value of a configuration as JSON text, with where it came from.
    static func all(of configuration: TracedConfiguration) -> [MAEDomain.ConfigurationField] {
        MAECheckpoint.ConfigurationField.allCases.map { field in
            let origin = configuration.origin(of: field)
            var reason: String?
            if case .guess(let text) = origin { reason = text }
            return MAEDomain.ConfigurationField(
                name: field.rawValue, value: configuration.values[field].compactText,
                origin: MAEDomain.ConfigurationOrigin(origin), reason: reason)
        }
    }
}
