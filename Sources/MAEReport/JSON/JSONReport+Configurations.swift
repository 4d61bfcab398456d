import MAEVerify

extension JSONReport {
    /// What a loading method computed with.
    struct Configuration: Encodable {
        var method: String
        var nodes: [String]
        var values: [Value]

        /// One value; `value` is JSON text, whatever type the field has.
        struct Value: Encodable {
            var name, value, from: String
            var reason: String?
        }

        init(_ configuration: ConfigurationInEffect) {
            (method, nodes) = (configuration.method, configuration.nodes)
            values = configuration.fields.map {
                Value(name: $0.name, value: $0.value, from: $0.origin.rawValue, reason: $0.reason)
            }
        }
    }
}
