import Foundation
import MAEFiles
import TestSupport
import Testing

@Suite("Files of others to which text is added")
struct AppendedFileTests {
    @Test("text comes behind what is there, and makes the file where there is none")
    func appends() throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("summary.md")
        try AppendedFile.append(Array("one\n".utf8), to: path)
        try AppendedFile.append(Array("two\n".utf8), to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\ntwo\n")
    }

    @Test("a pipe and a folder are refused without waiting")
    func special() throws {
        let folder = try TemporaryDirectory()
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        for path in [folder.file("pipe"), folder.path, folder.file("none/x")] {
            #expect(throws: FileError.self) { try AppendedFile.append([1], to: path) }
        }
    }
}
