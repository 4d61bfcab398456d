import CMAEWire
import CProtobufC
import MAEDomain
import MAETensor
import Testing
import WireTestSupport

@testable import MAEWire

@Suite("Peers that lie")
struct LyingPeerTests {
    /// Messages whose header announces what follows; of a chunk, the manifest does.
    static let withPayloads = Samples.envelopes.filter {
        if case .chunk = $0.body { return false }
        return (try? $0.frames().count) ?? 0 > 1
    }

    @Test("a payload that is cut short, longer, missing or too many is refused", arguments: withPayloads)
    func payloadSizes(envelope: Envelope) throws {
        let frames = try envelope.frames()
        for index in 1..<frames.count {
            var short = frames
            short[index].removeLast()
            var long = frames
            long[index].append(0)
            var missing = frames
            missing.remove(at: index)
            for lie in [short, long, missing, frames + [[1]], [frames[0]]] {
                let error = #expect(throws: WireError.self) { _ = try Envelope(frames: lie) }
                #expect(error?.code == .payloadMismatch)
            }
        }
    }

    @Test("one flipped bit anywhere in a payload is noticed", arguments: withPayloads)
    func flippedBit(envelope: Envelope) throws {
        var frames = try envelope.frames()
        for byte in stride(from: 0, to: frames[1].count, by: max(frames[1].count / 50, 1)) {
            frames[1][byte] ^= 1 << UInt8(byte % 8)
            let error = #expect(throws: WireError.self) { _ = try Envelope(frames: frames) }
            #expect(error?.code == .payloadMismatch)
            frames[1][byte] ^= 1 << UInt8(byte % 8)
        }
    }

    @Test("an answer about a layer that contradicts itself is refused")
    func examinations() throws {
        func frames(_ change: (inout ExaminationAnswer) -> Void) throws -> [[UInt8]] {
            var completed = Samples.completed
            var answer = Samples.examined
            change(&answer)
            completed.examination = answer
            return try Envelope(
                session: 1, incarnation: 1,
                .result(ShardResult(lease: Samples.lease, outcome: .completed(completed)))
            ).frames()
        }
        let lies: [(inout ExaminationAnswer) -> Void] = [
            { $0.operations = [] },
            { $0.output?.operation = $0.operations.count },
            { $0.operations[0].heads = 3 },
            { $0.operations[0].heads = $0.operations[0].columns * 2 },
            { $0.output?.images.append(2) },
        ]
        for (index, lie) in lies.enumerated() {
            let frames = try frames(lie)
            #expect(throws: WireError.self, "lie \(index)") { _ = try Envelope(frames: frames) }
        }
        #expect(throws: Never.self) { _ = try Envelope(frames: frames { _ in }) }
    }

    @Test("a message without payloads takes none")
    func uninvited() throws {
        let reply = try Envelope(
            session: 1, incarnation: 1,
            .result(ShardResult(lease: Samples.lease, outcome: .completed(Samples.completed)))
        ).frames()
        let failed = try Envelope(
            session: 1, incarnation: 1,
            .result(ShardResult(lease: Samples.lease, outcome: .failed(Samples.failed)))
        ).frames()
        // Protocol buffers may be concatenated: the later body wins, the announced payloads stay.
        #expect(throws: WireError.self) { _ = try Envelope(frames: [reply[0] + failed[0]] + reply[1...]) }
    }

    @Test("another version is named with ours")
    func version() throws {
        var message = Mae__Envelope()
        mae__envelope__init(&message)
        (message.has_version, message.version) = (1, 3)
        let error = #expect(throws: WireError.self) { _ = try Envelope(frames: [pack(&message)]) }
        #expect(error?.code == .unsupportedVersion)
        #expect(error?.message.contains("is 3 and we speak 2") == true)
    }

    @Test("an enumeration's unknown value is refused by name", arguments: [0, 99, UInt32.max])
    func unknownEnumeration(value: UInt32) throws {
        var reject = Mae__Reject()
        mae__reject__init(&reject)
        (reject.has_reason, reject.reason) = (1, Mae__Reason(value))
        let header = withUnsafeMutablePointer(to: &reject) { reject in
            var message = Mae__Envelope()
            mae__envelope__init(&message)
            (message.has_version, message.version) = (1, 2)
            message.body_case = MAE__ENVELOPE__BODY_REJECT
            message.reject = reject
            return pack(&message)
        }
        let error = #expect(throws: WireError.self) { _ = try Envelope(frames: [header]) }
        #expect(error?.field == "reject.reason")
    }

    /// A Hello of the samples with other facts of its machine.
    private static func hello(_ facts: [(name: String, text: String)]) throws -> [UInt8] {
        let arena = EncodingArena()
        var hello = try Samples.hello.message(arena)
        (hello.n_machine, hello.machine) = try arena.list(facts, limit: .max, "") { fact throws(WireError) in
            var message = Mae__NamedText()
            mae__named_text__init(&message)
            (message.has_name, message.name) = (1, try arena.text(fact.name, limit: .max, ""))
            (message.has_text, message.text) = (1, try arena.text(fact.text, limit: .max, ""))
            return message
        }
        return withUnsafeMutablePointer(to: &hello) { hello in
            var message = Mae__Envelope()
            mae__envelope__init(&message)
            (message.has_version, message.version) = (1, 2)
            message.body_case = MAE__ENVELOPE__BODY_HELLO
            message.hello = hello
            return withExtendedLifetime(arena) { pack(&message) }
        }
    }

    @Test("facts of a machine are few and short, of known names, and harmless")
    func facts() throws {
        func machine(_ facts: [(name: String, text: String)]) throws -> MachineFacts? {
            guard case .hello(let hello) = try Envelope(frames: [Self.hello(facts)]).body else { return nil }
            return hello.node.machine
        }
        #expect(try machine([]) == nil)
        #expect(try machine([("moon", "full")]) == nil)
        let told = try machine([
            ("kernel", "6.1\u{1B}"), ("environment HOME", "/root"), ("moon", "full"), ("kernel", "2"),
        ])
        #expect(told?.facts.map(\.name) == ["kernel"] && told?["kernel"] == "6.1?")
        for facts in [
            Array(repeating: ("kernel", ""), count: MachineFacts.mostFacts + 1),
            [("kernel", String(repeating: "x", count: MachineFacts.valueBytes + 1))],
            [(String(repeating: "x", count: MachineFacts.nameBytes + 1), "")],
        ] {
            let error = #expect(throws: WireError.self) { try machine(facts) }
            #expect(error?.field.hasPrefix("hello.machine") == true)
        }
    }

    @Test("the most that a machine may tell fits into a Hello")
    func mostFacts() throws {
        var hello = Samples.hello
        let value = String(repeating: "x", count: MachineFacts.valueBytes)
        hello.node.machine = MachineFacts(
            (100..<100 + MachineFacts.mostFacts).compactMap {
                MachineFacts.Fact(variable: "OMP_\($0)" + String(repeating: "X", count: 57), value)
            })
        hello.node.classReason = String(repeating: "x", count: WireLimits.textBytes)
        #expect(hello.node.machine?.facts.count == MachineFacts.mostFacts)
        let frames = try Envelope(session: nil, incarnation: nil, .hello(hello)).frames()
        guard case .hello(let same) = try Envelope(frames: frames).body else { return }
        #expect(same == hello)
    }

    @Test("shapes that overflow, or do not fill the announced length, are refused")
    func shapes() {
        let lies: [(shape: [UInt64], length: UInt64)] = [
            ([.max], 4), ([1 << 40, 1 << 40], 0), ([1 << 31, 1 << 31, 4], 0), ([1 << 62], 0), ([3], 16),
            (Array(repeating: 1, count: 9), 4), ([1 << 30], 1 << 32),
        ]
        for (shape, length) in lies {
            let arena = EncodingArena()
            var payload = Mae__Payload()
            mae__payload__init(&payload)
            (payload.has_name, payload.name) = (1, MAE__TENSOR_NAME__NOISE)
            (payload.n_shape, payload.shape) = (shape.count, arena.array(shape))
            (payload.has_length, payload.length) = (1, length)
            (payload.has_sha256, payload.sha256) = (1, arena.bytes(Samples.digest("").bytes))
            #expect(throws: WireError.self) { _ = try PayloadAnnouncement(payload, "payload") }
        }
    }

    @Test("nothing at all, an empty header and noise are no messages")
    func noMessage() {
        for frames in [[], [[]], [[0]], [[0xFF, 0xFF, 0xFF]], [Array("GET / HTTP/1.1\r\n".utf8)]] as [[[UInt8]]] {
            #expect(throws: WireError.self) { _ = try Envelope(frames: frames) }
        }
    }
}

/// The bytes of a message.
func pack(_ message: inout Mae__Envelope) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: mae__envelope__get_packed_size(&message)) { buffer, count in
        count = mae__envelope__pack(&message, buffer.baseAddress)
    }
}
