import Testing

@testable import MAEFormats

@Suite("Hostile archives of torch.save")
struct HostileTorchTests {
    private static let weights: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]  // 1, 2
    private let pickle = PickleAssembler()

    private func read(_ zip: ZipBuilder) throws -> TorchFile {
        try TorchFile.read(ByteView(copying: zip.build()), path: "x.pth")
    }

    private func read(_ pickle: PickleAssembler, _ bytes: [UInt8] = weights) throws -> TorchFile {
        try read(.torch(pickle: pickle.op(.stop).bytes, storages: ["0": bytes]))
    }

    private func refusal(_ pickle: PickleAssembler, _ bytes: [UInt8] = weights) -> CheckpointError? {
        #expect(throws: CheckpointError.self) { try read(pickle, bytes) }
    }

    private func refusal(_ zip: ZipBuilder) -> CheckpointError? {
        #expect(throws: CheckpointError.self) { try read(zip) }
    }

    private func elements(_ file: TorchFile) throws -> [Float]? { try file.root.tensor?.tensor.tensor().elements }

    @Test("a tensor of one storage is read")
    func plain() throws {
        let file = try read(pickle.tensor([2], [1]) { $0.storage(count: 2) })
        #expect(try elements(file) == [1, 2])
        #expect(file.root.tensor?.tensor.location.place == "record archive/data/0")
        #expect(file.producer["folder"] == "archive")
    }

    @Test("a tensor saved from a GPU is read into memory of the host")
    func device() throws {
        let file = try read(pickle.tensor([2], [1]) { $0.storage(device: "cuda:3", count: 2) })
        #expect(file.root.tensor?.device == "cuda:3")
        #expect(try elements(file) == [1, 2])
    }

    @Test("a pickle or storage that is packed tighter than any model is over budget, and not inflated")
    func inflation() throws {
        let packed = [UInt8](repeating: 0, count: 128 << 10)
        var zip = ZipBuilder.torch(pickle: packed)
        zip.records[0].method = 8
        zip.records[0].size = 17 << 20
        #expect(refusal(zip)?.code == .overBudget)
        #expect(refusal(zip)?.place == "record archive/data.pkl")
        let object = pickle.tensor([17 << 20], [1]) { $0.storage(count: 17 << 20) }.op(.stop)
        zip = .torch(pickle: object.bytes, storages: ["0": packed])
        let record = try #require(zip.records.firstIndex { $0.name == Array("archive/data/0".utf8) })
        zip.records[record].method = 8
        zip.records[record].size = 68 << 20
        #expect(refusal(zip)?.code == .overBudget)
    }

    @Test("a deflated record that no tensor is in is not inflated for its checksum")
    func unusedRecord() throws {
        var zip = ZipBuilder.torch(pickle: pickle.op(.none, .stop).bytes)
        var extra = ZipBuilder.Record("archive/extra", [UInt8](repeating: 0xFF, count: 100))
        (extra.method, extra.size, extra.crc32) = (8, 1000, 1)
        zip.records.append(extra)
        try read(zip).verifyChecksums()
    }

    @Test("a storage that is named as any number of large tensors is over budget")
    func repeatedTensors() {
        let shared = pickle.storage(count: 2).op(.binPut, [0]).op(.pop, .mark)
        let tensors = shared.repeating(40) {
            $0.tensor([1 << 12, 1 << 12], [0, 0]) { $0.op(.binGet, [0]) }
        }
        #expect(refusal(tensors.op(.list))?.code == .overBudget)
    }

    @Test("any top folder will do, but only one")
    func topFolder() throws {
        let object = pickle.op(.none, .stop).bytes
        #expect(try read(.torch(pickle: object, folder: "my model")).producer["folder"] == "my model")
        var two = ZipBuilder.torch(pickle: object)
        two.records += ZipBuilder.torch(pickle: object, folder: "other").records
        #expect(refusal(two)?.message.contains("two saved objects") == true)
        var strange = ZipBuilder.torch(pickle: object)
        strange.records.append(.init("__MACOSX/x", []))
        #expect(try read(strange).findings.count == 1)
    }

    @Test("an archive without a pickle or version is refused, one without a byte order is not")
    func missingRecords() throws {
        let object = pickle.op(.none, .stop).bytes
        #expect(refusal(ZipBuilder([.init("a/version", [0x33])]))?.message.contains("without a data.pkl") == true)
        #expect(refusal(ZipBuilder())?.message.contains("holds nothing") == true)
        #expect(refusal(.torch(pickle: object, version: nil))?.place == "record archive/version")
        #expect(refusal(.torch(pickle: object, version: "11"))?.code == .unsupportedFormat)
        #expect(refusal(.torch(pickle: object, version: "x")) != nil)
        #expect(try read(.torch(pickle: object, byteOrder: nil)).byteOrder == nil)
        #expect(refusal(.torch(pickle: object, byteOrder: "middle"))?.place == "record archive/byteorder")
    }

    @Test("a TorchScript archive is refused by name")
    func torchScript() throws {
        var zip = ZipBuilder.torch(pickle: pickle.op(.none, .stop).bytes)
        zip.records.append(.init("archive/constants.pkl", []))
        #expect(refusal(zip)?.message.contains("TorchScript") == true)
    }

    @Test("an archive behind other bytes is refused by name")
    func junkBefore() throws {
        let bytes = Array("#!/bin/sh\n".utf8) + ZipBuilder.torch(pickle: pickle.op(.none, .stop).bytes).build()
        let error = #expect(throws: CheckpointError.self) {
            try TorchFile.read(ByteView(copying: bytes), path: "x.pth")
        }
        #expect(error?.message.contains("other bytes before it") == true)
    }

    @Test("storages of a big-endian machine are swapped")
    func bigEndian() throws {
        let object = pickle.tensor([2], [1]) { $0.storage(count: 2) }.op(.stop).bytes
        let swapped: [UInt8] = [0x3F, 0x80, 0, 0, 0x40, 0, 0, 0]
        let file = try read(.torch(pickle: object, storages: ["0": swapped], byteOrder: "big"))
        #expect(file.byteOrder == "big")
        #expect(try elements(file) == [1, 2])
    }

    @Test("a wrong CRC of the pickle is found on opening, one of a storage on verifying")
    func checksums() throws {
        var zip = ZipBuilder.torch(
            pickle: pickle.tensor([2], [1]) { $0.storage(count: 2) }.op(.stop).bytes, storages: ["0": Self.weights])
        zip.records[2].crc32 = 1
        let file = try read(zip)
        let error = #expect(throws: CheckpointError.self) { try file.verifyChecksums() }
        #expect(error?.place == "record archive/data/0")
        zip.records[0].crc32 = 1
        #expect(refusal(zip)?.place == "record archive/data.pkl")
    }

    @Test("bytes after the pickle's end are reported")
    func trailingBytes() throws {
        let file = try read(.torch(pickle: pickle.op(.none, .stop).bytes + [1, 2]))
        #expect(file.findings.map(\.message) == ["2 bytes after the end of the pickle."])
    }

    @Test(
        "a storage whose name leads elsewhere or whose record is missing is refused",
        arguments: ["../x", "a/b", "", "..", "1", "0\0"])
    func storageNames(_ key: String) throws {
        #expect(refusal(pickle.tensor([2], [1]) { $0.storage(key, count: 2) })?.place?.contains("data.pkl") == true)
    }

    @Test("a storage that disagrees with its record is refused", arguments: [0, 1, 3, -2, Int.max, 1 << 62])
    func storageSizes(_ count: Int) throws {
        _ = refusal(pickle.tensor([2], [1]) { $0.storage(count: count) })
    }

    @Test("persistent ids that are no storages are refused")
    func persistentIDs() throws {
        let wrong: [PickleAssembler] = [
            pickle.int(1).op(.binPersistentID), pickle.op(.emptyTuple, .binPersistentID),
            pickle.op(.persistentID, line: "storage"),
            pickle.op(.mark).string("module").global("m", "C").string("0").string("cpu").int(2).op(
                .tuple, .binPersistentID),
            pickle.op(.mark).string("storage").global("os", "FloatStorage").string("0").string("cpu").int(2)
                .op(.tuple, .binPersistentID),
            pickle.op(.mark).string("storage").string("FloatStorage").string("0").string("cpu").int(2)
                .op(.tuple, .binPersistentID),
            pickle.op(.mark).string("storage").global("torch", "FloatStorage").int(0).string("cpu").int(2)
                .op(.tuple, .binPersistentID),
        ]
        for pickle in wrong { _ = refusal(pickle) }
    }

    @Test("tensors outside their storage are refused, naming the record")
    func outside() throws {
        let cases: [(shape: [Int], strides: [Int], offset: Int)] = [
            ([3], [1], 0), ([2], [1], 1), ([2], [2], 0), ([2], [1], -1), ([-1], [1], 0), ([2], [-1], 1),
            ([2], [1], .max), ([2], [1], 1 << 62), ([.max, .max], [1, 1], 0), ([2, 2], [.max, 1], 0),
            ([Int](repeating: 1, count: 65), [Int](repeating: 1, count: 65), 0), ([1 << 20, 1 << 20], [0, 0], 0),
            ([2], [], 0),
        ]
        for (shape, strides, offset) in cases {
            let error = refusal(pickle.tensor(shape, strides, offset: offset) { $0.storage(count: 2) })
            #expect(error?.place == "record archive/data/0", "\(shape) \(strides) \(offset)")
        }
    }

    @Test("a tensor made of something else than a storage and integers is refused")
    func malformedTensors() throws {
        let function = pickle.global("torch._utils", "_rebuild_tensor_v2")
        let wrong: [PickleAssembler] = [
            function.op(.emptyTuple, .reduce),
            function.op(.mark).int(1).int(0).ints([2]).ints([1]).op(.newFalse, .none, .tuple, .reduce),
            function.op(.mark).storage(count: 2).string("0").ints([2]).ints([1]).op(.newFalse, .none, .tuple, .reduce),
            function.op(.mark).storage(count: 2).int(0).op(.none).ints([1]).op(.newFalse, .none, .tuple, .reduce),
            pickle.global("torch._utils", "_rebuild_parameter").int(1).op(.newTrue, .none, .tuple3, .reduce),
        ]
        for pickle in wrong { _ = refusal(pickle) }
    }

    @Test("BUILD and SETITEM on a tensor are refused")
    func tensorsAreNoContainers() throws {
        let tensor = pickle.tensor([2], [1]) { $0.storage(count: 2) }
        _ = refusal(tensor.op(.emptyDictionary, .build))
        _ = refusal(tensor.int(0).int(1).op(.setItem))
        _ = refusal(tensor.op(.none, .append))
        _ = refusal(tensor.op(.emptyTuple, .reduce))
    }

    @Test("elements of an unread type stay symbols and are reported")
    func unreadTypes() throws {
        let file = try read(pickle.tensor([1], [1]) { $0.storage("0", "ComplexFloatStorage", count: 1) })
        #expect(file.root.object?.className == "torch._utils._rebuild_tensor_v2")
        #expect(file.findings.first?.message.contains("ComplexFloatStorage") == true)
    }

    @Test("tensors of one storage and other element types share its bytes")
    func sharedStorage() throws {
        let file = try read(
            pickle.op(.mark).tensor([2], [1]) { $0.storage(count: 2) }.tensor([1], [1], offset: 1) {
                $0.storage(count: 2)
            }
            .op(.list))
        let tensors = GoldenTensors.all(in: file.root).map(\.tensor)
        #expect(tensors.map(\.storageKey) == ["0", "0"])
        #expect(tensors[0].tensor.storage === tensors[1].tensor.storage)
        #expect(try tensors[1].tensor.tensor().elements == [2])
    }
}
