import Testing

@testable import MAEFormats

@Suite("Small archives without checksums")
struct UncheckedArchiveTests {
    @Test("small records and pickles need none either")
    func readsSmallRecords() throws {
        var zip = ZipBuilder([
            .init("a/data.pkl", PickleAssembler().int(7).op(.stop).bytes), .init("a/version", [0x33]),
        ])
        for index in zip.records.indices { zip.records[index].crc32 = 0 }
        let file = try TorchFile.read(ByteView(copying: zip.build()), path: "x.pth")
        #expect(file.root.int == 7)
        #expect(file.findings.contains { $0.message.contains("no checksums") })
    }
}
