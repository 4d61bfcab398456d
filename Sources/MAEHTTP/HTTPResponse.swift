import Glibc

/// An answer to a request.
public struct HTTPResponse: Sendable, Equatable {
    /// The codes that are used here.
    public enum Status: Int, Sendable {
        /// What was asked for.
        case ok = 200
        /// What comes is no request.
        case badRequest = 400
        /// There is nothing at this path.
        case notFound = 404
        /// There is nothing to write to.
        case methodNotAllowed = 405
        /// The request is for a machine of another name.
        case misdirected = 421
        /// A request has more bytes than the limit.
        case headTooLarge = 431
        /// Not now.
        case unavailable = 503
        /// Another version of HTTP.
        case versionNotSupported = 505

        var reason: String {
            switch self {
            case .ok: "OK"
            case .badRequest: "Bad Request"
            case .notFound: "Not Found"
            case .methodNotAllowed: "Method Not Allowed"
            case .misdirected: "Misdirected Request"
            case .headTooLarge: "Request Header Fields Too Large"
            case .unavailable: "Service Unavailable"
            case .versionNotSupported: "HTTP Version Not Supported"
            }
        }
    }

    /// What the bytes of a body are.
    public enum ContentType: String, Sendable {
        /// Text for people.
        case text = "text/plain; charset=utf-8"
        /// A page.
        case html = "text/html; charset=utf-8"
        /// Figures in the text format of Prometheus.
        case metrics = "text/plain; version=0.0.4; charset=utf-8"
    }

    /// What came of the request.
    public let status: Status
    /// What the body is.
    public let type: ContentType
    /// The body; shared by all who are being sent it.
    public let body: [UInt8]
    /// After how many seconds a browser asks again; nil for never.
    public var refresh: Int?

    /// An answer with a body that is bytes already.
    public init(_ status: Status, _ type: ContentType, body: [UInt8]) {
        self.status = status
        self.type = type
        self.body = body
    }

    /// An answer in a line of text.
    public init(_ status: Status, line: String) {
        self.init(status, .text, body: Array((line + "\n").utf8))
    }

    /// A refusal that says what is wrong.
    static func problem(_ status: Status, _ reason: String) -> HTTPResponse {
        HTTPResponse(status, line: "\(status.reason): \(reason)")
    }

    /// The head as it is sent at `time`.
    func head(keepsConnection: Bool, at time: time_t) -> [UInt8] {
        var fields = [
            ("Date", Self.date(time)), ("Content-Type", type.rawValue), ("Content-Length", "\(body.count)"),
            ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
            ("Connection", keepsConnection ? "keep-alive" : "close"),
        ]
        if status == .methodNotAllowed { fields.append(("Allow", "GET, HEAD")) }
        if let refresh { fields.append(("Refresh", "\(refresh)")) }
        let lines = ["HTTP/1.1 \(status.rawValue) \(status.reason)"] + fields.map { "\($0): \($1)" }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    /// A time as HTTP writes it, in English whatever the locale is.
    private static func date(_ time: time_t) -> String {
        var time = time
        var parts = tm()
        gmtime_r(&time, &parts)
        func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return
            "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
