import Foundation
import Synchronization

/// A server of HTTP on a free port of this machine, which keeps what it is sent; it ends with the last reference.
///
/// It reads one request of each connection, answers it and closes the connection.
public final class HTTPReceiver: Sendable {
    /// What was sent.
    public struct Request: Sendable, Equatable {
        /// `POST`, for example.
        public let method: String
        /// Path and query.
        public let target: String
        /// Names, in small letters, and values.
        public let headers: [String: String]
        /// Everything behind the headers.
        public let body: String
    }

    /// The address of the server, without a path.
    public let address: String
    private let descriptor: CInt
    private let received = Mutex<[Request]>([])
    /// What each request is answered with, the last for all that follow.
    private let answers: [Int]

    /// Listens from now on; `answers` are the status codes of one request after the other, the last that of all others.
    public init?(answers: [Int] = [200]) {
        self.answers = answers
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &place) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 16) == 0
                    && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isListening else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
        start()
    }

    deinit {
        // Ends the thread's accept; the thread closes the descriptor.
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    /// What was sent so far.
    public var requests: [Request] { received.withLock { $0 } }

    private func start() {
        let descriptor = descriptor
        let serve: @Sendable () -> Void = { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { break }
                self?.answer(connection)
                close(connection)
            }
            close(descriptor)
        }
        Thread.detachNewThread(serve)
    }

    private func answer(_ connection: CInt) {
        guard let request = Self.read(connection) else { return }
        let count = received.withLock { received in
            received.append(request)
            return received.count
        }
        let status = answers[min(count, answers.count) - 1]
        let location = (300..<400).contains(status) ? "Location: \(address)/elsewhere\r\n" : ""
        let answer = Array("HTTP/1.1 \(status) x\r\n\(location)Content-Length: 2\r\nConnection: close\r\n\r\nOK".utf8)
        _ = send(connection, answer, answer.count, CInt(MSG_NOSIGNAL))
    }

    private static func read(_ connection: CInt) -> Request? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.firstRange(of: "\r\n\r\n") {
                let lines = text[..<end.lowerBound].split(separator: "\r\n").map(String.init)
                let words = (lines.first ?? "").split(separator: " ").map(String.init)
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    guard parts.count == 2 else { continue }
                    headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
                }
                let body = text[end.upperBound...]
                if words.count > 1, body.utf8.count >= headers["content-length"].flatMap({ Int($0) }) ?? 0 {
                    return Request(method: words[0], target: words[1], headers: headers, body: String(body))
                }
            }
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            bytes += chunk.prefix(count)
        }
    }
}
