import Foundation
import TestSupport
import Testing

@testable import MAEFormats

@Suite("Texts in place of weights")
struct TextContentTests {
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private static func utf16(_ text: String, littleEndian: Bool) -> [UInt8] {
        ([0xFEFF] + Array(text.utf16)).flatMap { unit in
            let bytes = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
            return littleEndian ? bytes : bytes.reversed()
        }
    }

    private static let texts: [(kind: String, bytes: [UInt8], line: String)] = [
        ("an HTML page", Array("<!DOCTYPE html>\n<html>".utf8), "<!DOCTYPE html>"),
        ("an HTML page", Array("\n\n  <html lang=\"en\">".utf8), "<html lang=\"en\">"),
        ("an HTML page", mark + Array("<HTML>".utf8), "<HTML>"),
        ("an HTML page", Array("<!-- saved -->\n<!doctype html>".utf8), "<!-- saved -->"),
        ("an HTML page", utf16("<!DOCTYPE HTML>", littleEndian: true), "<!DOCTYPE HTML>"),
        ("an HTML page", utf16("<!DOCTYPE HTML>", littleEndian: false), "<!DOCTYPE HTML>"),
        ("an XML text", Array("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>".utf8), "AccessDenied"),
        ("an XML text", Array("<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code>".utf8), "AccessDenied"),
        ("an XML text", Array("<Error><Code>NoSuchKey</Code>".utf8), "NoSuchKey"),
        ("a JSON text", Array("{\"error\":\"Repository not found\"}".utf8), "Repository not found"),
        ("a JSON text", mark + Array(" [1, 2]".utf8), "[1, 2]"),
        ("a Git LFS pointer", Array("version https://git-lfs.github.com/spec/v1\noid sha256:0".utf8), "version https"),
        ("a Git LFS pointer", mark + Array("version https://git-lfs.github.com/spec/v1".utf8), "version https"),
        ("a text", Array("Entry not found".utf8), "Entry not found"),
        ("a text", Array("Not authorised: bitte anmelden, größer als erlaubt".utf8), "größer"),
    ]

    @Test("texts are named by what they are, and quoted", arguments: texts.indices)
    func names(index: Int) throws {
        let (kind, bytes, line) = Self.texts[index]
        let text = try #require(TextContent(ByteView(copying: bytes)))
        #expect(text.kind == kind)
        #expect(text.description.contains(line), "\(text.description)")
    }

    @Test("long lines are cut, and characters of several bytes at the end of what is looked at")
    func cuts() throws {
        let long = Array(String(repeating: "ü", count: 5000).utf8)
        let text = try #require(TextContent(ByteView(copying: long + [0x20])))
        #expect(text.firstLine.count == 81)
        let odd = try #require(TextContent(ByteView(copying: [0x61] + long)))
        #expect(odd.firstLine.hasPrefix("aü"))
    }

    @Test(
        "bytes that are no text are none",
        arguments: [
            [], [0x20, 0x0A], [0x80, 0x02, 0x7D], [0x00, 0x00, 0x00], [0xC3, 0x28, 0x41], [0x1B, 0x5B, 0x41],
        ])
    func noText(bytes: [UInt8]) {
        #expect(TextContent(ByteView(copying: bytes)) == nil)
    }
}
