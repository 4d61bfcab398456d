import TestSupport
import Testing

@testable import MAEFormats

@Suite("Hostile pickles")
struct HostilePickleTests {
    private let pickle = PickleAssembler()

    private func refusal(_ pickle: PickleAssembler, budget: PickleBudget = PickleBudget()) -> CheckpointError? {
        #expect(throws: CheckpointError.self, "\(pickle.bytes.prefix(60))") { try pickle.read(budget: budget) }
    }

    @Test(
        "calls that would do harm are names without effect",
        arguments: [
            ("os", "system"), ("posix", "system"), ("builtins", "eval"), ("__builtin__", "exec"),
            ("pkgutil", "resolve_name"), ("subprocess", "Popen"), ("torch.hub", "load"), ("os\u{20}x", "a.b.c"),
        ])
    func inertCalls(_ module: String, _ name: String) throws {
        let call = pickle.global(module, name).string("touch /tmp/x").op(.tuple1, .reduce)
        let object = try #require(try call.read().object)
        #expect(object.className == "\(module).\(name)")
        #expect(object.arguments.sequence?.first?.string == "touch /tmp/x")
        #expect(try call.op(.pop).int(1).read().int == 1)
    }

    @Test("names like those of understood functions are not taken for them")
    func lookalikes() throws {
        for (module, name) in [
            ("collections.OrderedDict", ""), ("torch", "_utils._rebuild_tensor_v2"), ("torch.", "Size"),
        ] {
            #expect(try pickle.global(module, name).op(.emptyTuple, .reduce).read().object != nil)
        }
    }

    @Test("an opcode that finds too little on the stack is refused, naming the byte")
    func underflow() throws {
        let needy: [PickleOpcode] = [
            .pop, .popMark, .duplicate, .memoize, .tuple, .tuple1, .tuple2, .tuple3, .list, .append, .appends,
            .dictionary, .setItem, .setItems, .addItems, .frozenSet, .reduce, .build, .newObject, .newObjectEx,
            .stackGlobal, .object, .binPersistentID, .stop,
        ]
        for opcode in needy {
            #expect(refusal(pickle.op(opcode))?.place == "record a/data.pkl, byte 2", "\(opcode)")
            // What lies below a mark is out of reach.
            if ![.popMark, .tuple, .list, .dictionary, .frozenSet].contains(opcode) {
                _ = refusal(pickle.op(.emptyTuple, .emptyTuple, .emptyTuple, .mark, opcode))
            }
        }
    }

    @Test("an opcode without its argument is refused")
    func missingArguments() throws {
        let lengths: [PickleOpcode] = [
            .binGet, .longBinGet, .binPut, .longBinPut, .binInt, .binInt1, .binInt2, .long1, .long4, .binFloat, .get,
            .put,
            .int, .long, .float, .string, .unicode, .binString, .shortBinString, .binUnicode, .shortBinUnicode,
            .binUnicode8, .binBytes, .shortBinBytes, .binBytes8, .byteArray8, .global, .instance, .frame, .proto,
            .persistentID, .extension1, .nextBuffer, .readOnlyBuffer,
        ]
        for opcode in lengths {
            var objects = NoPersistentObjects()
            #expect(throws: CheckpointError.self, "\(opcode)") {
                try PickleReader.read(
                    ByteView(copying: pickle.op(opcode).bytes), of: CheckpointLocation(path: "x"), objects: &objects)
            }
        }
    }

    @Test("lengths beyond the file, or negative, are refused before memory is taken")
    func lengths() throws {
        let huge = [UInt8](repeating: 0xFF, count: 8)
        for opcode in [PickleOpcode.binUnicode, .binBytes, .binString, .long4] {
            _ = refusal(pickle.op(opcode, Array(huge.prefix(4))))
            _ = refusal(pickle.op(opcode, [0xFF, 0xFF, 0xFF, 0x7F]))
        }
        for opcode in [PickleOpcode.binUnicode8, .binBytes8, .byteArray8, .frame] {
            _ = refusal(pickle.op(opcode, huge))
            _ = refusal(pickle.op(opcode, Array(huge.dropLast()) + [0x7F]))
        }
    }

    @Test("a memo number that nothing was stored under is refused")
    func unsetMemo() throws {
        #expect(refusal(pickle.op(.binGet, [3]))?.message.contains("memo number 3") == true)
        _ = refusal(pickle.op(.longBinGet, [255, 255, 255, 255]))
        _ = refusal(pickle.op(.get, line: "-1"))
        _ = refusal(pickle.op(.get, line: "4294967296"))
    }

    @Test("malformed text and numbers are refused")
    func malformed() throws {
        let wrong: [PickleAssembler] = [
            pickle.op(.shortBinUnicode, [1, 0xFF]), pickle.op(.int, line: "1x"), pickle.op(.long, line: ""),
            pickle.op(.long, line: String(repeating: "9", count: 4301)), pickle.op(.float, line: "0x1p3"),
            pickle.op(.float, line: ""), pickle.op(.string, line: "abc"), pickle.op(.string, line: "'a\\"),
            pickle.op(.string, line: "'\\xg0'"), pickle.op(.unicode, line: "\\ud800"),
            pickle.op(.unicode, line: "\\u12"),
            pickle.op(.global, [0xFF, 0x0A, 0x41, 0x0A]), pickle.raw([0x00]), pickle.raw([0xFF]),
            PickleAssembler(protocolVersion: 6),
        ]
        for pickle in wrong { _ = refusal(pickle) }
    }

    @Test("an argument across the end of a frame, or a frame inside a frame, is refused")
    func frames() throws {
        let frame: (UInt8) -> [UInt8] = { [$0, 0, 0, 0, 0, 0, 0, 0] }
        #expect(try pickle.op(.frame, frame(4)).op(.shortBinUnicode, [1, 65]).read().string == "A")
        _ = refusal(pickle.op(.frame, frame(3)).op(.binUnicode, [1, 0, 0, 0, 65]))
        _ = refusal(pickle.op(.frame, frame(12)).op(.frame, frame(2)).op(.none))
    }

    @Test("operations on objects that cannot take them are refused")
    func wrongTargets() throws {
        let wrong: [PickleAssembler] = [
            pickle.int(1).int(2).op(.append), pickle.op(.emptyList, .emptyList, .emptyList, .setItem),
            pickle.op(.emptyDictionary, .emptyDictionary, .none, .setItem),
            pickle.op(.emptyDictionary, .emptyList, .none, .setItem),
            pickle.op(.emptyDictionary, .mark, .none, .setItems), pickle.op(.mark, .none, .dictionary),
            pickle.op(.emptyList, .mark, .none, .addItems), pickle.op(.none, .emptyDictionary, .build),
            pickle.op(.none, .emptyTuple, .reduce), pickle.global("m", "f").op(.emptyList, .reduce),
            pickle.op(.none, .emptyTuple, .newObject), pickle.op(.mark, .none, .object),
            pickle.op(.none, .none, .stackGlobal),
            pickle.global("m", "C").op(.emptyTuple, .newObject, .none, .build, .none, .build),
            pickle.op(.none, .none), pickle.op(.mark, .none), pickle.op(.extension1, [1]), pickle.op(.nextBuffer),
            pickle.op(.none, .binPersistentID), pickle.op(.persistentID, line: "1"),
        ]
        for pickle in wrong { _ = refusal(pickle) }
    }

    @Test(
        "a million nested tuples, lists and dictionaries are read and released without recursion",
        .enabled(if: !Sampling.isOn, "takes long without optimization"))
    func deepNesting() throws {
        let count = 1_000_000
        let nests: [PickleAssembler] = [
            pickle.op(.emptyTuple).repeating(count) { $0.op(.tuple1) },
            pickle.repeating(count) { $0.op(.emptyList) }.repeating(count - 1) { $0.op(.append) },
            pickle.repeating(count) { $0.op(.emptyDictionary, .none) }.op(.none).repeating(count) { $0.op(.setItem) },
        ]
        for pickle in nests {
            var visited = 0
            // Nested ones are small in a file and large in memory.
            try pickle.read(budget: PickleBudget(steps: 1 << 24, memory: 1 << 30)).walk { _ in
                visited += 1
                return true
            }
            #expect(visited >= count)
        }
    }

    @Test("objects that contain themselves are read and released")
    func selfReference() throws {
        let list = try pickle.op(.emptyList).op(.binPut, [0]).op(.binGet, [0]).op(.append).read()
        guard case .list(let outer) = list, case .list(let inner) = outer[0] else {
            Issue.record("no list in a list")
            return
        }
        #expect(outer.id == inner.id)
        let tuple = try pickle.op(.emptyList).op(.binPut, [0]).op(.binGet, [0]).op(.tuple1, .append).read()
        #expect(tuple.sequence?.first?.sequence?.count == 1)
    }

    @Test("a graph of exponential size costs no more than its bytes")
    func memoBomb() throws {
        var bomb = pickle.op(.emptyList).op(.binPut, [0])
        for level in UInt8(0)..<200 {
            bomb = bomb.op(.binGet, [level]).op(.binGet, [level]).op(.tuple2).op(.binPut, [level + 1])
            bomb = bomb.op(.pop).op(.binGet, [level + 1])
            bomb = bomb.op(.pop)
        }
        let root = try bomb.op(.pop).op(.binGet, [200]).read()
        var visited = 0
        root.walk { _ in
            visited += 1
            return true
        }
        #expect(visited == 201)
    }

    @Test(
        "copies that add up are stopped by the budget",
        .enabled(if: !Sampling.isOn, "takes long without optimization"))
    func copyBomb() throws {
        // One list of a thousand elements, made a set a hundred thousand times.
        let bomb = pickle.op(.emptyList).op(.binPut, [0]).op(.mark).repeating(1000) { $0.op(.none) }.op(.appends)
            .repeating(100_000) { $0.op(.pop).global("builtins", "set").op(.binGet, [0]).op(.tuple1, .reduce) }
        #expect(refusal(bomb)?.code == .overBudget)
        // Two equal keys of a megabyte, set ten thousand times.
        let long = String(repeating: "k", count: 1 << 20)
        let keys = pickle.string(long).op(.binPut, [0]).op(.pop).op(.emptyDictionary).string(long).op(.binPut, [1])
            .op(.none, .setItem).repeating(10_000) { $0.op(.binGet, [0]).op(.none, .setItem) }
        #expect(refusal(keys)?.code == .overBudget)
    }

    @Test("one long name or argument of many calls is stopped by the budget")
    func sharedArguments() throws {
        let name = pickle.string(String(repeating: "n", count: 1 << 20)).op(.binPut, [0])
        let names = name.repeating(300) { $0.op(.pop).op(.binGet, [0]).op(.binGet, [0]).op(.stackGlobal) }
        #expect(refusal(names)?.code == .overBudget)
        // A thousand numbers, which are no pairs for a dictionary, and no storage of a tensor.
        let list = pickle.op(.emptyList).op(.binPut, [0]).op(.mark).repeating(1000) { $0.op(.none) }.op(.appends)
        let calls = list.repeating(20_000) {
            $0.op(.pop).global("builtins", "dict").op(.binGet, [0]).op(.tuple1, .reduce)
        }
        #expect(refusal(calls)?.code == .overBudget)
    }

    @Test(
        "millions of objects in a small file are over budget, of whatever kind",
        arguments: [PickleOpcode.emptyDictionary, .emptyList, .emptyTuple, .emptySet, .mark, .none, .duplicate])
    func packedObjects(_ opcode: PickleOpcode) {
        // Deflated, each of these has less than ten kilobytes.
        let bomb = pickle.op(.none, .mark, .none).repeating(2_200_000) { $0.op(opcode) }
        #expect(refusal(bomb, budget: PickleBudget(fileSize: 4400))?.code == .overBudget)
    }

    @Test("what is made for each object counts: calls, names, strings, numbers, keys, places of the memo")
    func packedKinds() {
        let many = 1_000_000
        let numbers = (0..<UInt32(many)).map { number in withUnsafeBytes(of: (7 * number).littleEndian) { Array($0) } }
        let one = pickle.global("m", "M").op(.binPut, [0]).op(.mark)
        let kinds: [PickleAssembler] = [
            one.repeating(many) { $0.op(.binGet, [0]).op(.emptyTuple, .newObject) },
            one.repeating(many) { $0.global("m", "n") }, one.repeating(many) { $0.global("torch", "float") },
            one.repeating(many) { $0.string(String(repeating: "a", count: 129)) },
            one.repeating(many) { $0.op(.long1, [9, 1, 2, 3, 4, 5, 6, 7, 8, 9]) },
            one.repeating(many) { $0.op(.emptyDictionary, .none, .none, .setItem) },
            one.op(.emptyDictionary, .mark).raw(
                numbers.flatMap { [PickleOpcode.binInt.rawValue] + $0 + [PickleOpcode.none.rawValue] }
            ).op(.setItems),
            one.op(.none).raw(numbers.flatMap { [PickleOpcode.longBinPut.rawValue] + $0 }),
        ]
        for (number, kind) in kinds.enumerated() {
            #expect(refusal(kind, budget: PickleBudget(fileSize: 4400))?.code == .overBudget, "\(number)")
        }
    }

    @Test("one long list that any number of calls look at is over budget")
    func sharedShapes() {
        let list = pickle.op(.emptyList).op(.binPut, [0]).op(.mark).repeating(4000) { $0.int(1) }
            .op(.none, .appends, .tuple1).op(.binPut, [1])
        let calls = list.repeating(2000) { $0.op(.pop).global("torch", "Size").op(.binGet, [1]).op(.reduce) }
        #expect(refusal(calls, budget: PickleBudget(fileSize: 4400))?.code == .overBudget)
    }

    @Test("numbers of the memo far from each other take no room in between")
    func sparseMemo() throws {
        var distant = pickle.op(.none)
        for number in stride(from: UInt32(0), to: 2_000_000, by: 200) {
            distant = distant.op(.longBinPut, withUnsafeBytes(of: number.littleEndian) { Array($0) })
        }
        var memo = PickleMemo()
        for number in stride(from: UInt32(0), to: 2_000_000, by: 200) { memo[number] = PickleSlot.none }
        #expect(memo.room < 16)
        #expect(try distant.read().isNone)
    }

    @Test("each limit of the budget stops what it counts")
    func budgets() throws {
        var few = PickleBudget()
        few.memory = 1000
        #expect(refusal(pickle.repeating(20) { $0.op(.emptyList, .pop) }, budget: few)?.code == .overBudget)
        few = PickleBudget()
        few.steps = 10
        #expect(refusal(pickle.repeating(11) { $0.op(.none, .pop) }, budget: few)?.code == .overBudget)
        #expect(refusal(pickle.repeating(11) { $0.op(.mark) }, budget: few)?.code == .overBudget)
        few = PickleBudget()
        few.memory = 1000
        #expect(refusal(pickle.string(String(repeating: "x", count: 1001)), budget: few)?.code == .overBudget)
    }
}
