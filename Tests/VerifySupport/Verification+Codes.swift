import MAEVerify

extension Verification {
    /// The codes of all findings, in order.
    var codes: [String] { findings.map(\.code) }
    /// The codes of the findings that say something is wrong.
    var causes: [String] { findings.filter { $0.severity == .error }.map(\.code) }
    /// The finding with a code.
    func finding(_ code: String) -> Finding? { findings.first { $0.code == code } }
}
