import Testing

@testable import MAEFormats

@Suite("Forged legacy files")
struct LegacyTorchTests {
    private static let pickle = PickleAssembler()
    private static let magic = pickle.op(.long1, [10] + LegacyMagic.bytes).op(.stop).bytes

    private static func file(
        version: Int = 1001, object: PickleAssembler, keys: [String] = ["k"], storages: [UInt8]
    ) throws -> TorchFile {
        let list = keys.reduce(pickle.op(.mark)) { $0.string($1) }.op(.list, .stop)
        let bytes =
            magic + pickle.int(version).op(.stop).bytes + pickle.op(.emptyDictionary, .stop).bytes
            + object.op(.stop).bytes + list.bytes + storages
        return try TorchFile.read(ByteView(copying: bytes), path: "x.pth")
    }

    private static func storage(_ count: Int, _ values: [Float]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(little: Int64(count))
        for value in values { bytes.append(little: value.bitPattern) }
        return bytes
    }

    /// The persistent id of a part of a storage.
    private static func view(_ pickle: PickleAssembler, offset: Int, count: Int) -> PickleAssembler {
        pickle.op(.mark).string("storage").global("torch", "FloatStorage").string("k").string("cpu").int(3).string("v")
            .int(offset).int(count).op(.tuple3, .tuple, .binPersistentID)
    }

    private static let tensor = pickle.tensor([2], [1], offset: 1) { $0.storage("k", count: 3) }

    @Test("a tensor is read from behind the pickles")
    func plain() throws {
        let file = try Self.file(object: Self.tensor, storages: Self.storage(3, [1, 2, 3]))
        #expect(file.format == .legacy)
        #expect(try file.root.tensor?.tensor.tensor().elements == [2, 3])
    }

    @Test("a part of a storage is read, one beyond it is refused")
    func views() throws {
        let part = Self.pickle.tensor([2], [1]) { Self.view($0, offset: 1, count: 2) }
        let file = try Self.file(object: part, storages: Self.storage(3, [1, 2, 3]))
        #expect(try file.root.tensor?.tensor.tensor().elements == [2, 3])
        for (offset, count) in [(2, 2), (-1, 2), (0, -1), (.max, 1), (1 << 62, 1 << 62)] {
            let wrong = Self.pickle.tensor([2], [1]) { Self.view($0, offset: offset, count: count) }
            #expect(throws: CheckpointError.self) {
                try Self.file(object: wrong, storages: Self.storage(3, [1, 2, 3]))
            }
        }
    }

    @Test("the class of a module may come with its source")
    func moduleIDs() throws {
        let module = Self.pickle.op(.mark).string("module").global("m", "Net").string("net.py").string(
            "class Net: pass"
        )
        .op(.tuple, .binPersistentID).op(.emptyTuple, .newObject)
        let file = try Self.file(object: module, keys: [], storages: [])
        #expect(file.root.object?.className == "m.Net")
    }

    @Test("elements of an unread type are skipped and reported")
    func unreadTypes() throws {
        let both = Self.pickle.op(.mark).tensor([1], [1]) { $0.storage("c", "ComplexFloatStorage", count: 1) }
            .tensor([2], [1]) { $0.storage("k", count: 2) }.op(.list)
        var complex = Self.storage(1, [])
        complex += [UInt8](repeating: 0, count: 8)
        let file = try Self.file(object: both, keys: ["c", "k"], storages: complex + Self.storage(2, [5, 6]))
        #expect(file.findings.count == 1)
        #expect(file.root.sequence?.first?.object != nil)
        #expect(try file.root.sequence?.last?.tensor?.tensor.tensor().elements == [5, 6])
        let unknown = Self.pickle.tensor([1], [1]) { $0.storage("k", "StrangeStorage", count: 1) }
        #expect(throws: CheckpointError.self) { try Self.file(object: unknown, storages: Self.storage(1, [1])) }
    }

    @Test("a magic number over something else is refused")
    func forged() throws {
        let whole = Self.storage(3, [1, 2, 3])
        let other = Self.pickle.tensor([2], [1]) { $0.storage("other", count: 3) }
        let huge = Self.pickle.tensor([2], [1]) { $0.storage("k", count: 1 << 62) }
        let two = Self.pickle.op(.mark).tensor([2], [1]) { $0.storage("k", count: 3) }
            .tensor([2], [1]) { $0.storage("k", "DoubleStorage", count: 3) }.op(.list)
        let unread = Self.pickle.op(.mark).tensor([2], [1]) { $0.storage("k", count: 3) }
            .tensor([2], [1]) { $0.storage("k", "ComplexFloatStorage", count: 3) }.op(.list)
        let forgeries: [() throws -> TorchFile] = [
            { try Self.file(version: 1000, object: Self.tensor, storages: whole) },
            { try Self.file(object: Self.tensor, keys: [], storages: whole) },
            { try Self.file(object: Self.tensor, keys: ["k", "k"], storages: whole + whole) },
            { try Self.file(object: Self.tensor, keys: ["k", "x"], storages: whole + whole) },
            { try Self.file(object: other, storages: whole) },
            { try Self.file(object: Self.tensor, storages: Self.storage(2, [1, 2, 3])) },
            { try Self.file(object: Self.tensor, storages: Self.storage(-1, [1, 2, 3])) },
            { try Self.file(object: Self.tensor, storages: Self.storage(3, [1, 2])) },
            { try Self.file(object: huge, storages: Self.storage(1 << 62, [1])) },
            { try Self.file(object: two, storages: whole) },
            { try Self.file(object: unread, storages: whole) },
            { try TorchFile.read(ByteView(copying: Self.magic), path: "x.pth") },
            { try TorchFile.read(ByteView(copying: Self.pickle.op(.emptyList, .stop).bytes), path: "x.pth") },
        ]
        for (index, forgery) in forgeries.enumerated() {
            #expect(throws: CheckpointError.self, "forgery \(index)") { try forgery() }
        }
    }
}
