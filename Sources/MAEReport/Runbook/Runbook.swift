/// What to do first about each finding: the sections of `runbook.md`, which travel in the program.
public enum Runbook {
    /// The whole page, in Markdown.
    public static let text = String(decoding: PackageResources.runbook_md, as: UTF8.self)

    /// What a code has a section under: the code, or what the codes of checkpoint readers share.
    public static let codes: [String] = text.split(separator: "\n").compactMap { line in
        line.hasPrefix(mark) ? String(line.dropFirst(mark.count)) : nil
    }

    /// The section of a code, its heading first, ending in a newline; nil for a code that there is not.
    public static func section(_ code: String) -> String? {
        guard let heading = codes.first(where: { $0 == code || $0.last == "*" && code.hasPrefix($0.dropLast()) }) else {
            return nil
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0 == mark + heading }) else { return nil }
        let body = lines[(start + 1)...].prefix { !$0.hasPrefix("#") }
        return ([code] + body.map(String.init)).joined(separator: "\n").trimmed + "\n"
    }

    private static let mark = "### "
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}
