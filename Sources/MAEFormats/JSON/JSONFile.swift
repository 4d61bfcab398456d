import MAEText

/// A file that is one JSON value.
package enum JSONFile {
    /// Reads the file at `path`.
    ///
    /// Throws ``CheckpointError`` when it cannot be read, is larger than `maximumSize` or is no JSON, naming what it is
    /// instead where its content shows that.
    package static func read(
        _ path: String, maximumSize: Int, limits: JSONReader.Limits = JSONReader.Limits()
    ) throws(CheckpointError) -> JSONValue {
        let file = try MappedFile(path: path)
        guard file.size <= maximumSize else {
            throw CheckpointError(.overBudget, path: path, "has \(file.size) bytes; at most \(maximumSize) are read.")
        }
        return try file.read { () throws(CheckpointError) in
            do throws(JSONReader.Problem) {
                return try file.withUnsafeBytes { text throws(JSONReader.Problem) in
                    try JSONReader.read(text, limits: limits)
                }
            } catch {
                throw explanation(of: error, in: file.contents, path: path)
            }
        }
    }

    private static func explanation(
        of problem: JSONReader.Problem, in bytes: ByteView, path: String
    ) -> CheckpointError {
        func error(_ message: String) -> CheckpointError { CheckpointError(.malformedFile, path: path, message) }
        if bytes.count == 0 { return error("is empty. Fetch or write the file again.") }
        if bytes.has(utf8Mark) {
            return error(
                "begins with a byte order mark (BOM), which transformers refuses too. Save it without the mark: "
                    + #"`sed -i '1s/^\xEF\xBB\xBF//' "# + ShellText.word(path) + "`.")
        }
        if utf16Marks.contains(where: { bytes.has($0) }) {
            return error("is UTF-16, which transformers refuses too. Save it as UTF-8 without a byte order mark (BOM).")
        }
        let first = bytes.withUnsafeBytes { text in text.first { $0 > 0x20 } }
        if first != UInt8(ascii: "{"), case .other(let name, let remedy) = ContentKind(of: bytes) {
            return error("is \(name), no JSON. \(remedy)")
        }
        if first == UInt8(ascii: "<") {
            return error("is HTML or XML, no JSON. Download the file itself, not the page that shows it.")
        }
        return CheckpointError(
            .malformedFile, path: path, place: "byte \(problem.offset)",
            "is no JSON: \(problem.message). Fetch or write the file again.")
    }

    /// What Windows editors put in front of a text.
    private static let utf8Mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let utf16Marks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF]]
}
