import MAEText
import Testing

@Suite("Spans of time in words")
struct AgeTextTests {
    @Test(
        "the largest unit that fits, to the nearest whole number",
        arguments: [
            (0.0, "0 seconds"), (1, "1 second"), (59.4, "59 seconds"), (59.9, "1 minute"), (89, "1 minute"),
            (43_200, "12 hours"), (7200, "2 hours"),
            (3 * 86_400 - 0.01, "3 days"), (86_400, "1 day"),
        ] as [(Double, String)])
    func words(seconds: Double, text: String) {
        #expect(AgeText.words(seconds) == text)
    }
}
