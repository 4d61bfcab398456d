/// A request for something to read.
public struct HTTPRequest: Sendable, Hashable {
    /// What is asked for: as it was written, from its first `/` up to a `?`.
    public let path: String
    /// Whether only the head of the answer is wanted.
    let isHead: Bool
    /// Whether the client goes on to use the connection.
    let keepsConnection: Bool
}

/// What the bytes of a connection begin with.
enum HTTPInput: Equatable {
    /// More has to come.
    case incomplete
    /// A request of so many bytes.
    case request(HTTPRequest, length: Int)
    /// No request that can be answered: the connection ends after this.
    case refused(HTTPResponse)

    private static let end = Array("\r\n\r\n".utf8)

    /// Reads the first request of `bytes`.
    ///
    /// - Parameters:
    ///   - searched: how many of the bytes were here before, and hold no end of a request.
    ///   - limit: bytes that a request may have.
    ///   - isLoopback: whether only this machine is served. A browser of this machine may be led here under a name that a page
    ///     of others chose, so then only addresses and `localhost` are names of this server.
    init(_ bytes: [UInt8], searched: Int = 0, limit: Int, isLoopback: Bool) {
        guard let length = Self.length(of: bytes, from: max(searched - 3, 0)), length <= limit else {
            self = bytes.count < limit ? .incomplete : .refused(.problem(.headTooLarge, "at most \(limit) bytes"))
            return
        }
        do throws(HTTPProblem) {
            self = .request(
                try HTTPHead(bytes[..<(length - Self.end.count)]).request(isLoopback: isLoopback), length: length)
        } catch {
            self = .refused(.problem(error.status, error.reason))
        }
    }

    /// Bytes up to the empty line, with it; nil where there is none yet.
    private static func length(of bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + end.count <= bytes.count {
            if bytes[index..<(index + end.count)].elementsEqual(end) { return index + end.count }
            index += 1
        }
        return nil
    }
}

/// Why a request is refused.
struct HTTPProblem: Error {
    let status: HTTPResponse.Status
    let reason: String

    init(_ status: HTTPResponse.Status, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
