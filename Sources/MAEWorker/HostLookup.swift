import Foundation
import Logging
import MAEThreads
import ZeroMQ

/// Looks a coordinator's host up once, to tell of a name that leads nowhere: libzmq tries again without a word.
enum HostLookup {
    /// Says in the log, some time later, that the host of `endpoint` cannot be found, if that is so.
    static func complain(of endpoint: String, _ log: Logger) {
        guard let host = (try? Endpoint(endpoint, for: .connecting))?.host else { return }
        let thread = try? NamedThread("mae-lookup") {
            var found: UnsafeMutablePointer<addrinfo>?
            let code = getaddrinfo(host, nil, nil, &found)
            if let found { freeaddrinfo(found) }
            guard code != 0 else { return }
            let reason = gai_strerror(code).map { String(cString: $0) } ?? "error \(code)"
            log.error("\(host), the host of \(endpoint), cannot be found (\(reason)): check the name; trying again")
        }
        // Where no server of names answers, this takes long, and nothing ends it.
        thread?.detach()
    }
}
