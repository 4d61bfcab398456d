import MAEDomain
import MAETensor
import Testing
import WireTestSupport

@testable import MAEWire

@Suite("Messages there and back")
struct RoundTripTests {
    @Test("a message comes out as it went in", arguments: Samples.envelopes)
    func roundTrip(envelope: Envelope) throws {
        #expect(try Envelope(frames: envelope.frames()) == envelope)
    }

    @Test("session and incarnation may be absent, and 0 is a value")
    func absence() throws {
        for value in [nil, 0, UInt64.max] {
            let envelope = Envelope(session: value, incarnation: value, .goodbye(Goodbye(reason: "")))
            #expect(try Envelope(frames: envelope.frames()) == envelope)
        }
    }

    @Test("a worker that does not say why it is in its class is welcome")
    func withoutClassReason() throws {
        let arena = EncodingArena()
        var message = try Samples.hello.message(arena)
        message.has_class_reason = 0
        var expected = Samples.hello
        expected.node.classReason = nil
        #expect(try withExtendedLifetime(arena) { try Hello(message) } == expected)
    }

    @Test("a worker that does not say what a guess rests on is understood")
    func withoutReason() throws {
        let arena = EncodingArena()
        let field = ConfigurationField(name: "x", value: "6", origin: .guess, reason: "as published")
        var message = try field.message(arena)
        #expect(try withExtendedLifetime(arena) { try ConfigurationField(message) } == field)
        message.has_reason = 0
        let copy = try withExtendedLifetime(arena) { try ConfigurationField(message) }
        #expect(copy.reason == nil && copy.origin == .guess)
    }

    @Test("values at their limits pass")
    func atLimits() throws {
        var hello = Samples.hello
        hello.node.name = String(repeating: "n", count: WireLimits.nameBytes)
        hello.node.threads = WireLimits.threads
        let envelope = Envelope(session: nil, incarnation: 1, .hello(hello))
        #expect(try Envelope(frames: envelope.frames()) == envelope)

        var completed = Samples.completed
        completed.weights.fingerprints = (0..<WireLimits.fingerprints).map {
            .init(name: "weight \($0)", shape: [1, 2], digest: Samples.digest("\($0)"))
        }
        completed.layers = LayerDigests((0..<WireLimits.layers).map { Samples.digest("\($0)") })
        let result = Envelope(
            session: 1, incarnation: 1,
            .result(ShardResult(lease: Samples.lease, outcome: .completed(completed))))
        #expect(try Envelope(frames: result.frames()) == result)
    }

    @Test("NaN, infinities and -0 keep their bits in a payload")
    func payloadBits() throws {
        let values: [Float] = [.nan, -.infinity, -0.0, Float(bitPattern: 0x7F80_0001)]
        var job = Samples.job
        job.batchSize = 1
        job.noise = .given(TensorPayload(.noise, Tensor(shape: [1, 4], elements: values)))
        let envelope = Envelope(session: 1, incarnation: 1, .job(job))
        guard case .job(let copy) = try Envelope(frames: envelope.frames()).body, case .given(let noise) = copy.noise
        else {
            Issue.record("another message came out")
            return
        }
        #expect(noise.tensor().elements.map(\.bitPattern) == values.map(\.bitPattern))
    }
}
