import MAEHTTP
import Testing

@Suite("Addresses to serve pages at")
struct AddressTests {
    @Test(
        "an address is read whole, and says who reaches it",
        arguments: [
            ("127.0.0.1:9464", "127.0.0.1:9464", true, "http://127.0.0.1:9464/"),
            ("localhost:80", "127.0.0.1:80", true, "http://127.0.0.1:80/"),
            ("[::1]:9464", "[::1]:9464", true, "http://[::1]:9464/"),
            ("[0:0:0:0:0:0:0:1]:1", "[::1]:1", true, "http://[::1]:1/"),
            ("127.8.0.1:65535", "127.8.0.1:65535", true, "http://127.8.0.1:65535/"),
            ("0.0.0.0:9464", "0.0.0.0:9464", false, "http://127.0.0.1:9464/"),
            ("*:9464", "0.0.0.0:9464", false, "http://127.0.0.1:9464/"),
            ("[::]:9464", "[::]:9464", false, "http://[::1]:9464/"),
            ("10.1.2.3:9464", "10.1.2.3:9464", false, "http://10.1.2.3:9464/"),
            ("127.0.0.1:*", "127.0.0.1:*", true, "http://127.0.0.1:*/"),
        ])
    func forms(_ text: String, _ shown: String, isLoopback: Bool, url: String) throws {
        let address = try HTTPAddress(text)
        #expect(address.description == shown)
        #expect(address.isLoopback == isLoopback)
        #expect(address.url == url)
    }

    @Test(
        "other text is refused with the right form",
        arguments: [
            "", ":", ":9464", "9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:+1",
            "127.0.0.1:-1", "127.0.0.1: 1", "127.1:80", "256.0.0.1:80", "::1:9464", "[::1]", "[127.0.0.1]:80",
            "[::1:80",
            "example.com:80", "http://127.0.0.1:80", "127.0.0.1:80/", "127.0.0.1:٣", "[]:80", "127.0.0.1\0:80",
        ])
    func faults(_ text: String) throws {
        let error = #expect(throws: HTTPError.self) { try HTTPAddress(text) }
        #expect(error?.description.contains("ADDRESS:PORT") == true)
    }
}
