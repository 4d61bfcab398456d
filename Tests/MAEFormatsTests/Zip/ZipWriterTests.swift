import MAEFiles
import TestSupport
import Testing

@testable import MAEFormats

@Suite("Writing zip archives")
struct ZipWriterTests {
    @Test("written records are read again, each beginning at a multiple of 64 bytes")
    func roundTrip() throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("a.zip")
        let records = (0..<150).map { ("a/data/\($0)", [UInt8](repeating: UInt8($0), count: $0 * 7)) }
        try CheckpointOutput.write(to: path) { file throws(CheckpointError) in
            var zip = ZipWriter()
            for (name, bytes) in records {
                try bytes.span.bytes.withUnsafeBytes { bytes throws(CheckpointError) in
                    try zip.append(name, bytes, to: &file)
                }
            }
            try zip.finish(&file)
        }
        let archive = try ZipArchive(try MappedFile(path: path).contents, path: path)
        #expect(archive.entries.map(\.name) == records.map(\.0))
        for (entry, record) in zip(archive.entries, records) {
            try archive.verify(entry)
            #expect(try archive.contents(of: entry).bytes == record.1)
            #expect(archive.raw(entry).start % ZipWriter.alignment == 0)
        }
    }

    @Test(
        "70,000 records need a zip64 end record and are read again",
        .enabled(if: !Sampling.isOn, "takes long without optimization"))
    func manyRecords() throws {
        let folder = try TemporaryDirectory()
        let path = folder.file("a.zip")
        try CheckpointOutput.write(to: path) { file throws(CheckpointError) in
            var zip = ZipWriter()
            for index in 0..<70_000 {
                try zip.append("a/\(index)", UnsafeRawBufferPointer(start: nil, count: 0), to: &file)
            }
            try zip.finish(&file)
        }
        let archive = try ZipArchive(try MappedFile(path: path).contents, path: path)
        #expect(archive.entries.count == 70_000)
        #expect(archive.entries.last?.name == "a/69999")
    }
}
