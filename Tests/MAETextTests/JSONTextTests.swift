import Foundation
import MAEText
import Testing

@Suite("JSON as commands write it")
struct JSONTextTests {
    private struct Example: Encodable {
        var text = "a \" : [ ] \\"
        var none: [Int] = []
        var nothing: [String: Int] = [:]
        var someNumbers = [1, 2]
    }

    @Test("keys stand before their values without a space, and empty containers on one line")
    func layout() throws {
        let text = try JSONText.encode(Example(), snakeCase: true)
        #expect(
            text == """
                {
                  "none": [],
                  "nothing": {},
                  "some_numbers": [
                    1,
                    2
                  ],
                  "text": "a \\" : [ ] \\\\"
                }
                """)
    }
}
