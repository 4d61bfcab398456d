import Testing

@testable import MAEText

@Suite("Text of others in Markdown")
struct MarkdownTextTests {
    @Test("signs of markup are escaped, words and figures stay as they are")
    func escapes() {
        #expect(SafeText.markdown("a node, 3 of 4; größer?") == "a node, 3 of 4; größer?")
        #expect(SafeText.markdown("<b>|`x`*_[l](u)\\") == "\\<b\\>\\|\\`x\\`\\*\\_\\[l\\]\\(u\\)\\\\")
        #expect(SafeText.markdown("@user #12 ![x]") == "\\@user \\#12 \\!\\[x\\]")
        #expect(SafeText.markdown("https://x") == "https\\://x")
    }

    @Test("a line ends nowhere, and nothing is hidden")
    func lines() { #expect(SafeText.markdown("a\n# b\u{202E}") == "a\\\\u\\{a\\}\\# b\\\\u\\{202e\\}") }
}
