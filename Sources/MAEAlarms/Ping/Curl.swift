import CMAECurl
import Foundation

/// libcurl, once it was found.
struct Curl: Sendable {
    /// Builds with OpenSSL and with GnuTLS; either is in nearly every installation.
    static let libraries = ["libcurl.so.4", "libcurl-gnutls.so.4"]

    /// Looks for one of `libraries`, before any other thread is started.
    ///
    /// - Throws: ``AlarmError``
    init(_ libraries: [String] = Curl.libraries) throws(AlarmError) {
        guard libraries.contains(where: { mae_curl_load($0) }) else {
            throw AlarmError(
                description:
                    "--ping needs libcurl, and neither of \(libraries.joined(separator: ", ")) can be loaded; install it "
                    + "(Debian: apt-get install libcurl4), or leave --ping out")
        }
    }

    /// Posts `text` to an address and returns the server's status; throws a sentence without the address.
    func post(_ text: String, to address: String, limit: Duration) throws(AlarmError) -> Int {
        var status = 0
        let milliseconds = Int(limit / .milliseconds(1))
        guard let problem = mae_curl_post(address, text, text.utf8.count, milliseconds, &status) else { return status }
        throw AlarmError(description: String(cString: problem))
    }
}
