import MAEHTTP
import TestSupport
import Testing

/// A server on a free port that serves a few pages.
struct PageSite {
    static let bigBytes = 32 << 20

    let server: HTTPServer
    var port: UInt16 { server.address.port }

    init(_ limits: HTTPLimits = Self.patient) throws {
        let big = [UInt8](repeating: 0x61, count: Self.bigBytes)
        server = try HTTPServer(at: HTTPAddress("127.0.0.1:*"), limits: limits) { request in
            switch request.path {
            case "/big": HTTPResponse(.ok, .text, body: big)
            case "/none": HTTPResponse(.notFound, line: "nothing")
            default: HTTPResponse(.ok, line: "page \(request.path)")
            }
        }
    }

    /// Limits at which no client is cut for being slow.
    static var patient: HTTPLimits {
        var limits = HTTPLimits()
        limits.requestTime = .patience
        limits.answerTime = .patience
        limits.patience = .patience
        return limits
    }

    func client() throws -> HTTPClient { try #require(HTTPClient(port: port)) }

    /// Whether another client is served.
    var isServing: Bool { HTTPClient.get("/again", port: port)?.text == "page /again\n" }

    /// A request as it is sent.
    static func request(_ path: String, _ fields: String...) -> String {
        "GET \(path) HTTP/1.1\r\nHost: localhost\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }
}
