import Testing

@testable import MAEFormats

@Suite("What pickles say")
struct PickleValueTests {
    private let pickle = PickleAssembler()

    @Test("integers of every opcode are read")
    func integers() throws {
        let cases: [(PickleAssembler, Int)] = [
            (pickle.op(.binInt1, [255]), 255), (pickle.op(.binInt2, [0x34, 0x12]), 0x1234),
            (pickle.op(.binInt, [0xFE, 0xFF, 0xFF, 0xFF]), -2), (pickle.op(.int, line: "-17"), -17),
            (pickle.op(.long, line: "123456789012L"), 123_456_789_012), (pickle.op(.long1, [0]), 0),
            (pickle.op(.long1, [1, 0x80]), -128), (pickle.op(.long1, [2, 0xFF, 0]), 255),
            (pickle.op(.long4, [3, 0, 0, 0, 1, 0, 0]), 1), (pickle.int(.min), .min),
            (pickle.op(.long1, [10] + [UInt8](repeating: 0xFF, count: 10)), -1),
            (pickle.op(.long, line: "-9223372036854775808L"), .min),
        ]
        for (pickle, expected) in cases { #expect(try pickle.read().int == expected, "\(pickle.bytes)") }
    }

    @Test("integers beyond 64 bits keep all their bytes")
    func bigIntegers() throws {
        let big: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0x80, 0]
        for pickle in [pickle.op(.long1, [9] + big), pickle.op(.long, line: "9223372036854775808L")] {
            guard case .bigInteger(let bytes) = try pickle.read() else {
                Issue.record("no big integer")
                continue
            }
            #expect(bytes.prefix(9) == big[...])
        }
        guard case .bigInteger(let negative) = try pickle.op(.int, line: "-18446744073709551616").read() else {
            Issue.record("no big integer")
            return
        }
        #expect(negative.prefix(8).allSatisfy { $0 == 0 } && negative.dropFirst(8).allSatisfy { $0 == 0xFF })
    }

    @Test("floats, booleans and None are read")
    func scalars() throws {
        #expect(try pickle.op(.binFloat, [0x40, 0x09, 0x21, 0xFB, 0x54, 0x44, 0x2D, 0x18]).read().double == .pi)
        #expect(try pickle.op(.float, line: "-1e-3").read().double == -0.001)
        #expect(try pickle.op(.float, line: "nan").read().double?.isNaN == true)
        #expect(try pickle.op(.newTrue).read().bool == true)
        #expect(try pickle.op(.int, line: "00").read().bool == false)
        #expect(try pickle.op(.none).read().isNone)
    }

    @Test("texts of every opcode are read")
    func texts() throws {
        let text = Array("é\n".utf8)
        let cases: [PickleAssembler] = [
            pickle.op(.shortBinUnicode, [3] + text), pickle.op(.binUnicode, [3, 0, 0, 0] + text),
            pickle.op(.binUnicode8, [3, 0, 0, 0, 0, 0, 0, 0] + text), pickle.op(.shortBinString, [3] + text),
            pickle.op(.binString, [3, 0, 0, 0] + text), pickle.op(.unicode, line: "\\u00e9\\u000a"),
            pickle.op(.string, line: "'\\xc3\\251\\n'"),
        ]
        for pickle in cases { #expect(try pickle.read().string == "é\n", "\(pickle.bytes)") }
    }

    @Test("texts short and long are read, and compared by their bytes")
    func lengths() throws {
        for count in [0, 1, 127, 128, 129, 255, 256, 5000] {
            for letter in ["a", "é"] {
                let text = String(repeating: letter, count: count)
                let root = try pickle.op(.emptyDictionary, .mark).string(text).int(1).string(text + "b").int(2)
                    .string(text).int(3).op(.setItems).read()
                #expect(root.dictionary?.map(\.key.string) == [text, text + "b"])
                #expect(root[text]?.int == 3)
                #expect(throws: CheckpointError.self) {
                    try pickle.op(.binUnicode8, withUnsafeBytes(of: text.utf8.count + 1) { Array($0) })
                        .raw(Array(text.utf8) + [0xFF]).read()
                }
            }
        }
    }

    @Test("bytes are read, those too that protocol 2 writes as text")
    func bytes() throws {
        let cases: [PickleAssembler] = [
            pickle.op(.shortBinBytes, [2, 1, 0xFF]), pickle.op(.binBytes, [2, 0, 0, 0, 1, 0xFF]),
            pickle.op(.binBytes8, [2, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF]), pickle.op(.shortBinString, [2, 1, 0xFF]),
            pickle.op(.byteArray8, [2, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF]),
            pickle.global("_codecs", "encode").string("\u{1}\u{FF}").string("latin1").op(.tuple2, .reduce),
        ]
        for pickle in cases {
            guard case .bytes(let bytes) = try pickle.read() else {
                Issue.record("\(pickle.bytes) are no bytes")
                continue
            }
            #expect(bytes == [1, 0xFF])
        }
    }

    @Test("containers of every opcode are read")
    func containers() throws {
        let three = pickle.op(.mark).int(1).int(2).int(3)
        let sequences: [PickleAssembler] = [
            three.op(.tuple), three.op(.list), pickle.int(1).int(2).int(3).op(.tuple3),
            pickle.op(.emptyList, .mark).int(1).int(2).int(3).op(.appends),
            pickle.op(.emptyList).int(1).op(.append).int(2).op(.append).int(3).op(.append),
            pickle.global("builtins", "list").raw(three.op(.tuple, .tuple1, .reduce).bytes.suffix(from: 2).map { $0 }),
        ]
        for pickle in sequences { #expect(try pickle.read().sequence?.map(\.int) == [1, 2, 3]) }
        let sets: [PickleAssembler] = [
            three.op(.frozenSet), pickle.op(.emptySet, .mark).int(1).int(2).int(3).op(.addItems),
        ]
        for pickle in sets {
            guard case .set(let elements) = try pickle.read() else {
                Issue.record("no set")
                continue
            }
            #expect(elements.map(\.int) == [1, 2, 3])
        }
        let dictionaries: [PickleAssembler] = [
            pickle.op(.mark).string("a").int(1).string("b").int(2).op(.dictionary),
            pickle.op(.emptyDictionary).string("a").int(1).op(.setItem).string("b").int(2).op(.setItem),
            pickle.global("collections", "defaultdict").global("builtins", "list").op(.tuple1, .reduce, .mark)
                .string("a").int(1).string("b").int(2).op(.setItems),
        ]
        for pickle in dictionaries {
            let dictionary = try #require(try pickle.read().dictionary)
            #expect(dictionary.map(\.key.string) == ["a", "b"])
            #expect(dictionary["b"]?.int == 2)
            #expect(dictionary["c"] == nil)
        }
    }

    @Test("keys are compared as Python compares them")
    func keys() throws {
        let number = try pickle.op(.emptyDictionary, .mark).int(1).string("int").op(.newTrue).string("bool").op(
            .setItems
        )
        .reading()
        #expect(number.root.dictionary?.count == 1)
        #expect(number.root.dictionary?.first?.value.string == "bool")
        #expect(number.findings.count == 1)
        // One letter with an accent, and a letter followed by a combining accent: equal in Swift, not in Python.
        let accents = try pickle.op(.emptyDictionary, .mark).string("\u{E9}").int(1).string("e\u{301}").int(2)
            .op(.setItems).read()
        #expect(accents["\u{E9}"]?.int == 1)
        #expect(accents["e\u{301}"]?.int == 2)
    }

    @Test("each of many keys is found, and set again where it comes again")
    func manyKeys() throws {
        let count = 1000
        var pairs = pickle.op(.emptyDictionary, .mark)
        for _ in 0..<2 {
            for number in 0..<count {
                pairs = pairs.string("name \(number)").int(number).int(number).int(-number)
                    .op(.shortBinBytes, [2, UInt8(number % 256), UInt8(number / 256)]).int(number)
            }
        }
        let dictionary = try #require(try pairs.op(.setItems).read().dictionary)
        #expect(dictionary.count == 3 * count)
        #expect((0..<count).allSatisfy { dictionary["name \($0)"]?.int == $0 })
        #expect(dictionary["name \(count)"] == nil)
    }

    @Test("keys that are NaN are one, so that they cannot be made to collide")
    func keysOfNoNumber() throws {
        let nan: [UInt8] = [0x7F, 0xF8, 0, 0, 0, 0, 0]
        var pairs = pickle.op(.emptyDictionary, .mark)
        for payload in UInt8(0)..<40 { pairs = pairs.op(.binFloat, nan + [payload]).int(Int(payload)) }
        let dictionary = try #require(try pairs.op(.setItems).read().dictionary)
        #expect(dictionary.count == 1)
        #expect(dictionary.first?.value.int == 39)
    }

    @Test("a key that comes twice keeps its last value and is reported")
    func duplicateKeys() throws {
        let reading = try pickle.op(.emptyDictionary, .mark).string("w").int(1).string("w").int(2).op(.setItems)
            .reading()
        #expect(reading.root["w"]?.int == 2)
        #expect(reading.findings.count == 1)
        #expect(reading.findings.first?.message.contains("'w'") == true)
    }

    @Test("the memo recalls the same object")
    func memo() throws {
        let lists: [PickleAssembler] = [
            pickle.op(.emptyList, .memoize).op(.binGet, [0]).op(.tuple2),
            pickle.op(.emptyList).op(.longBinPut, [255, 255, 255, 255]).op(.longBinGet, [255, 255, 255, 255]).op(
                .tuple2),
            pickle.op(.emptyList).op(.put, line: "7").op(.get, line: "7").op(.tuple2),
            pickle.op(.emptyList, .duplicate, .tuple2),
        ]
        for pickle in lists {
            guard case .tuple(let pair) = try pickle.read(), case .list(let first) = pair[0],
                case .list(let second) = pair[1]
            else {
                Issue.record("no pair of lists")
                continue
            }
            #expect(first.id == second.id)
        }
    }

    @Test("objects keep their class, arguments, state, items and entries")
    func objects() throws {
        let object = try pickle.global("m", "C").int(5).op(.tuple1, .newObject, .emptyDictionary).string("x").int(1)
            .op(.setItem, .build).int(7).op(.append).string("k").int(8).op(.setItem).read()
        #expect(object.object?.className == "m.C")
        #expect(object.object?.isCall == false)
        #expect(object.object?.arguments.sequence?.first?.int == 5)
        #expect(object.attribute("x")?.int == 1)
        #expect(object.object?.items.first?.int == 7)
        #expect(object["k"]?.int == 8)
        let slots = try pickle.global("m", "C").op(.emptyTuple, .newObject, .none, .emptyDictionary).string("y").int(2)
            .op(.setItem, .tuple2, .build).read()
        #expect(slots.attribute("y")?.int == 2)
        let others: [PickleAssembler] = [
            pickle.op(.mark).int(1).op(.instance, lines: "m", "C"),
            pickle.op(.mark).global("m", "C").int(1).op(.object),
            pickle.string("m").string("C").op(.stackGlobal).int(1).op(.tuple1, .reduce),
            pickle.global("copyreg", "__newobj__").global("m", "C").int(1).op(.tuple2, .reduce),
        ]
        for pickle in others {
            let object = try #require(try pickle.read().object)
            #expect(object.className == "m.C")
            #expect(object.arguments.sequence?.map(\.int) == [1])
        }
    }

    @Test("dtypes, devices and sizes are read")
    func torchValues() throws {
        guard case .dtype("bfloat16") = try pickle.global("torch", "bfloat16").read(),
            case .device("cuda:1") = try pickle.global("torch", "device").string("cuda").int(1).op(.tuple2, .reduce)
                .read(),
            case .size([2, 3]) = try pickle.global("torch", "Size").ints([2, 3]).op(.tuple1, .reduce).read()
        else {
            Issue.record("not understood")
            return
        }
    }

    @Test("a walk visits shared objects once, ends on cycles and knows the way")
    func walk() throws {
        // d = {'self': d, 'list': [x, x]} with x = C()
        let root = try pickle.op(.emptyDictionary).op(.binPut, [0]).string("self").op(.binGet, [0]).op(.setItem)
            .string("list").op(.emptyList).global("m", "C").op(.emptyTuple, .newObject).op(.binPut, [1]).op(.append)
            .op(.binGet, [1]).op(.append).op(.setItem).read()
        var paths: [String] = []
        root.walk { visit in
            paths.append(visit.path.map(\.description).joined())
            return true
        }
        #expect(paths == ["", "['list']", "['list'][0]", "['list'][0]<arguments>"])
    }

    @Test("a walk tells each further way to an object that it has left, and none to one that it is inside of")
    func meetsAgain() throws {
        // As above: 'self' leads back to the root, and the list holds x twice.
        let root = try pickle.op(.emptyDictionary).op(.binPut, [0]).string("self").op(.binGet, [0]).op(.setItem)
            .string("list").op(.emptyList).global("m", "C").op(.emptyTuple, .newObject).op(.binPut, [1]).op(.append)
            .op(.binGet, [1]).op(.append).op(.setItem).read()
        var first: [PickleID] = []
        var again: [(path: String, id: PickleID, depth: Int)] = []
        root.walk { visit in
            first += [visit.value.id].compactMap { $0 }
            return true
        } revisit: { meeting in
            again.append((meeting.path.map(\.description).joined(), meeting.id, meeting.containers.count))
        }
        #expect(again.map(\.path) == ["['list'][1]"])
        #expect(again.map(\.depth) == [2])
        #expect(again.first.map { first.contains($0.id) } == true)
    }

    @Test("a walk passes over what holds numbers and texts alone, and over settings where it may")
    func leaves() throws {
        // [(1, 'a'), [2], [], {'x': 1}, {'y': []}]
        let root = try pickle.op(.emptyList, .mark).int(1).string("a").op(.tuple2, .emptyList).int(2).op(.append)
            .op(.emptyList).op(.emptyDictionary).string("x").int(1).op(.setItem)
            .op(.emptyDictionary).string("y").op(.emptyList, .setItem).op(.appends).read()
        func paths(includesSettings: Bool) -> [String] {
            var paths: [String] = []
            root.walk(includesSettings: includesSettings) { visit in
                paths.append(visit.path.map(\.description).joined())
                return true
            }
            return paths
        }
        #expect(paths(includesSettings: true) == ["", "[2]", "[3]", "[4]", "[4]['y']"])
        #expect(paths(includesSettings: false) == ["", "[2]", "[4]", "[4]['y']"])
    }

    @Test("a visit that is kept knows its own way")
    func keptVisits() throws {
        let root = try pickle.op(.emptyList, .mark, .emptyList, .emptyList, .emptyList, .append, .appends).read()
        var visits: [PickleVisit] = []
        root.walk { visit in
            visits.append(visit)
            return true
        }
        #expect(visits.map { $0.path.map(\.description).joined() } == ["", "[0]", "[1]", "[1][0]"])
    }
}
