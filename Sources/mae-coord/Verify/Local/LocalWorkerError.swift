import Glibc

/// Why workers of `verify --local` cannot be started.
struct LocalWorkerError: Error, CustomStringConvertible {
    let description: String

    init(_ path: String, _ message: String) { description = "\(path): \(message)" }

    init(_ path: String, _ message: String, number: CInt) {
        self.init(path, "\(message): \(String(cString: strerror(number)))")
    }
}
