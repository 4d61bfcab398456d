import MAEText

/// Where pings go: the address of one check of a monitoring service, in the form of Healthchecks.
///
/// Who knows it can end alarms, so it is never shown whole.
public struct PingAddress: Sendable, Equatable, CustomStringConvertible {
    private let base: String
    private let query: String
    private let visible: String

    /// Reads `https://HOST/…` or `http://HOST/…`; nil for anything else.
    public init?(_ text: String) {
        guard let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) }),
            text.utf8.count <= 2048, !text.contains("#"), text.utf8.allSatisfy({ 0x21...0x7E ~= $0 })
        else { return nil }
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var base = parts[0]
        while base.last == "/" { base.removeLast() }
        guard base.utf8.count > scheme.utf8.count else { return nil }
        let authority = base.dropFirst(scheme.count).prefix { $0 != "/" }
        // Credentials stand in front of the host.
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        guard !host.isEmpty, host.first != ":" else { return nil }
        self.base = String(base)
        query = parts.count > 1 ? "?" + parts[1] : ""
        visible = "\(scheme)\(host)/…"
    }

    /// Scheme and host.
    public var description: String { visible }

    /// The whole address to tell something at, such as `start` or an exit code.
    func address(_ part: String) -> String { "\(base)/\(part)\(query)" }
}
