import MAEFormats

extension StatedValues {
    /// Takes the settings of a JSON object, and of the arguments of the model inside it.
    init(in members: [JSONMember], of file: String) {
        let object = JSONValue.object(members)
        var statements: [Statement] = []
        for (prefix, settings) in [("", object), ("model_args.", object["model_args"])] {
            guard let settings else { continue }
            statements += Self.names.compactMap { field, names -> Statement? in
                for name in names {
                    guard let value = settings[name], value.isUsable(for: field) else { continue }
                    return Statement(field: field, value: value, place: "\(file) \(prefix)\(name)")
                }
                return nil
            }
        }
        self.init(statements: statements)
    }
}
