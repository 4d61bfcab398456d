import Foundation
import TestSupport
import Testing

@testable import MAEReport
@testable import VerifyTestSupport

@Suite("The bytes of the JSON report")
struct JSONGoldenTests {
    @Test("a report of everything that can happen has the bytes that it had before")
    func golden() throws {
        let text = try JSONReport.render(EventfulRun.withFixedWords, details: EventfulRun.details)
        let golden = try String(contentsOfFile: Goldens.path("reports/eventful.json"), encoding: .utf8)
        #expect(text == golden)
    }
}
