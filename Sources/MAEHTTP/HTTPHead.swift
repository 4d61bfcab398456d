/// The line and the fields of a request, read strictly (RFC 9112): what two readers could take for two things is refused.
struct HTTPHead {
    private let method: String
    private let target: String
    private let isOldVersion: Bool
    /// The fields by their names in small letters.
    private var fields: [String: [String]] = [:]

    /// Reads all up to the empty line, which `bytes` end before.
    init(_ bytes: ArraySlice<UInt8>) throws(HTTPProblem) {
        let lines = try Self.lines(bytes)
        let words = lines[0].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(Self.isToken), !words[1].isEmpty,
            words[1].allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw HTTPProblem(.badRequest, "this is no request line") }
        method = String(decoding: words[0], as: UTF8.self)
        target = String(decoding: words[1], as: UTF8.self)
        switch String(decoding: words[2], as: UTF8.self) {
        case "HTTP/1.1": isOldVersion = false
        case "HTTP/1.0": isOldVersion = true
        case let version where version.hasPrefix("HTTP/"):
            throw HTTPProblem(.versionNotSupported, "HTTP/1.1 is spoken here")
        default: throw HTTPProblem(.badRequest, "this is no request line")
        }
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
                line[..<colon].allSatisfy(Self.isToken)
            else { throw HTTPProblem(.badRequest, "a field is NAME: VALUE") }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            fields[name, default: []].append(Self.trimmed(line[line.index(after: colon)...]))
        }
    }

    /// The request that is made, which has no body and wants to read.
    func request(isLoopback: Bool) throws(HTTPProblem) -> HTTPRequest {
        guard method == "GET" || method == "HEAD" else {
            throw HTTPProblem(.methodNotAllowed, "there are only pages to read: GET and HEAD")
        }
        guard fields["transfer-encoding"] == nil, fields["content-length", default: ["0"]] == ["0"] else {
            throw HTTPProblem(.badRequest, "a request to read has no body")
        }
        let hosts = fields["host", default: []]
        guard hosts.count == 1 || (isOldVersion && hosts.isEmpty) else {
            throw HTTPProblem(.badRequest, "a request has one Host")
        }
        if isLoopback, let host = hosts.first, !HTTPAddress.isNumeric(hostField: host) {
            throw HTTPProblem(.misdirected, "only programs of this machine are served: ask for an address or localhost")
        }
        guard target.hasPrefix("/") else { throw HTTPProblem(.badRequest, "a path begins with /") }
        return HTTPRequest(
            path: String(target.prefix { $0 != "?" }), isHead: method == "HEAD", keepsConnection: keepsConnection)
    }

    private var keepsConnection: Bool {
        let options = fields["connection", default: []].flatMap { $0.split(separator: ",") }
            .map { $0.trimmingSpaces.lowercased() }
        return isOldVersion ? options.contains("keep-alive") : !options.contains("close")
    }

    /// The lines without their ends; a control character in one is refused.
    private static func lines(_ bytes: ArraySlice<UInt8>) throws(HTTPProblem) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        var index = start
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == 0x0D, index + 1 < bytes.endIndex, bytes[index + 1] == 0x0A {
                lines.append(bytes[start..<index])
                index += 2
                start = index
            } else {
                guard byte >= 0x20 && byte != 0x7F || byte == 0x09 else {
                    throw HTTPProblem(.badRequest, "a control character stands in the request")
                }
                index += 1
            }
        }
        lines.append(bytes[start...])
        return lines
    }

    /// Whether a byte may stand in a method or in the name of a field.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        Substring(decoding: bytes, as: UTF8.self).trimmingSpaces
    }
}

extension StringProtocol {
    /// The text without spaces and tabs at its ends.
    fileprivate var trimmingSpaces: String {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(start[...last])
    }
}
