/// Text where weights are expected: a page that a server sent in place of the file, or a note in place of it.
struct TextContent {
    /// The kind, such as `an HTML page`.
    let kind: String
    /// What to do about it.
    let remedy: String
    /// The first line that says something, at most ``quotedLength`` characters of it.
    let firstLine: String

    /// Bytes at the start of a file that must be text.
    private static let prefixLength = 1 << 12
    /// Most characters of a line that are quoted.
    private static let quotedLength = 80

    /// Nil when `bytes` do not begin with text: UTF-8, or UTF-16 with a byte order mark, without control characters.
    init?(_ bytes: ByteView) {
        guard let text = Self.text(bytes) else { return nil }
        let lines = text.split(whereSeparator: \.isNewline).lazy
        let trimmed = lines.map { $0.drop(while: \.isWhitespace) }.filter { !$0.isEmpty }
        // The declaration of an XML text says nothing; what a server has to say stands behind it.
        guard let first = trimmed.first(where: { !($0.hasPrefix("<?xml") && $0.hasSuffix("?>")) }) ?? trimmed.first
        else {
            return nil
        }
        let end = first.lastIndex { !$0.isWhitespace } ?? first.startIndex
        let line = first[...end]
        firstLine = line.count > Self.quotedLength ? line.prefix(Self.quotedLength) + "…" : String(line)
        (kind, remedy) = Self.kind(of: text.lowercased().drop { $0.isWhitespace })
    }

    /// `an HTML page, which begins "<!doctype html>"`.
    var description: String { "\(kind), which begins \"\(firstLine)\"" }

    private static let download = "Download the file itself."

    private static func kind(of text: Substring) -> (String, String) {
        if text.hasPrefix("version https://git-lfs") {
            return ("a Git LFS pointer", "Fetch the file that it points to with `git lfs pull`.")
        }
        // A page may begin with a comment or an XML declaration; its first tags tell.
        if text.hasPrefix("<"), ["<!doctype html", "<html", "<head", "<body"].contains(where: text.contains) {
            return (
                "an HTML page", "A server sent the page in place of the file, or asks to log in first. " + download
            )
        }
        if text.hasPrefix("<?xml") || text.hasPrefix("<error") {
            return ("an XML text", "A server sent it in place of the file; what it says is the reason. " + download)
        }
        if text.hasPrefix("{") || text.hasPrefix("[") {
            return ("a JSON text", "If it is a server's answer, it says why the file was not sent. " + download)
        }
        return ("a text", "If it is a server's answer, it says why the file was not sent. " + download)
    }

    /// The text at the start of `bytes`, a byte order mark taken off.
    private static func text(_ bytes: ByteView) -> String? {
        let start = bytes.slice(at: 0, count: min(bytes.count, prefixLength))?.bytes ?? []
        let isWhole = start.count == bytes.count
        let text: String? =
            if start.starts(with: [0xFF, 0xFE]) {
                utf16(start.dropFirst(2)) { UInt16($0) | UInt16($1) << 8 }
            } else if start.starts(with: [0xFE, 0xFF]) {
                utf16(start.dropFirst(2)) { UInt16($0) << 8 | UInt16($1) }
            } else {
                utf8(start.starts(with: [0xEF, 0xBB, 0xBF]) ? start.dropFirst(3) : start[...], isWhole: isWhole)
            }
        guard let text, !text.isEmpty, !text.unicodeScalars.contains(where: isControl) else { return nil }
        return text
    }

    private static func utf8(_ bytes: ArraySlice<UInt8>, isWhole: Bool) -> String? {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        guard !isWhole else { return nil }
        // The last character may be cut: up to three of its bytes are left out.
        return (1...3).lazy.compactMap { String(validating: bytes.dropLast($0), as: UTF8.self) }.first
    }

    private static func utf16(_ bytes: ArraySlice<UInt8>, unit: (UInt8, UInt8) -> UInt16) -> String? {
        let units = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map { unit(bytes[$0], bytes[$0 + 1]) }
        let text = String(validating: units, as: UTF16.self)
        return text ?? String(validating: units.dropLast(), as: UTF16.self)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control && !"\t\n\r\u{C}".unicodeScalars.contains(scalar)
    }
}
