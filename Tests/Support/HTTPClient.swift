import Glibc

/// A client of HTTP on this machine that sends what a test writes, byte for byte.
public final class HTTPClient {
    /// An answer as it came.
    public struct Answer: Sendable, Equatable {
        /// The code of its first line.
        public let status: Int
        /// The fields by their names in small letters.
        public let fields: [String: String]
        /// The body as it came.
        public let body: [UInt8]

        /// The body as text.
        public var text: String { String(decoding: body, as: UTF8.self) }
    }

    private let connection: LoopbackConnection
    private var received: [UInt8] = []

    /// Connects to a port of 127.0.0.1; nil when nothing listens there.
    public init?(port: UInt16) {
        guard let connection = LoopbackConnection("tcp://127.0.0.1:\(port)") else { return nil }
        self.connection = connection
        var limit = timeval(tv_sec: Int(Duration.patience / .seconds(1)), tv_usec: 0)
        setsockopt(connection.descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// The answer to a GET of `path` over a connection of its own; nil when there is none.
    public static func get(_ path: String, port: UInt16) -> Answer? {
        guard let client = HTTPClient(port: port) else { return nil }
        client.send("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n\r\n")
        return client.answer()
    }

    /// Sends text; false when the server has cut the connection.
    @discardableResult
    public func send(_ text: String) -> Bool { connection.sendAll(Array(text.utf8)[...]) }

    /// Says that nothing more is sent.
    public func endInput() { shutdown(connection.descriptor, CInt(SHUT_WR)) }

    /// Whether the server has cut the connection; takes what it sent before.
    public var isCut: Bool { connection.isCut }

    /// The next answer; nil when the connection ends before its end.
    public func answer(toHead isHead: Bool = false) -> Answer? {
        while true {
            if let answer = takeAnswer(isHead) { return answer }
            guard receive() else { return nil }
        }
    }

    /// All bytes until the server ends the connection.
    public func rest() -> [UInt8] {
        while receive() {}
        return received
    }

    private func receive() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = recv(connection.descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return false }
        received += bytes[..<count]
        return true
    }

    private func takeAnswer(_ isHead: Bool) -> Answer? {
        let end = Array("\r\n\r\n".utf8)
        let found = received.indices.first { received[$0...].starts(with: end) }
        guard let found else { return nil }
        let lines = String(decoding: received[..<found], as: UTF8.self).split(separator: "\r\n")
        let fields = lines.dropFirst().map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (line[..<colon].lowercased(), String(line[colon...].drop { $0 == ":" || $0 == " " }))
        }
        let named = Dictionary(fields) { first, _ in first }
        let length = isHead ? 0 : named["content-length"].flatMap { Int($0) } ?? 0
        let start = found + end.count
        guard received.count >= start + length else { return nil }
        let body = Array(received[start..<(start + length)])
        received.removeFirst(start + length)
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Answer(status: status, fields: named, body: body)
    }
}
