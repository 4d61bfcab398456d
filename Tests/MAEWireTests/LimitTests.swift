import CMAEWire
import MAEDomain
import MAETensor
import Testing
import WireTestSupport

@testable import MAEWire

@Suite("Limits")
struct LimitTests {
    /// Changes that each make a message break one limit, with the field that the error must name.
    static let excesses: [(field: String, body: Envelope.Body)] = {
        func hello(_ change: (inout Hello) -> Void) -> Envelope.Body {
            var hello = Samples.hello
            change(&hello)
            return .hello(hello)
        }
        func job(_ change: (inout JobRequest) -> Void) -> Envelope.Body {
            var job = Samples.job
            change(&job)
            return .job(job)
        }
        func completed(_ change: (inout Completed) -> Void) -> Envelope.Body {
            var completed = Samples.completed
            change(&completed)
            return .result(ShardResult(lease: Samples.lease, outcome: .completed(completed)))
        }
        func long(_ count: Int) -> String { String(repeating: "x", count: count + 1) }
        let digest = Samples.digest("")
        return [
            ("hello.name", hello { $0.node.name = long(WireLimits.nameBytes) }),
            ("hello.device", hello { $0.node.device = long(WireLimits.nameBytes) }),
            ("hello.class_reason", hello { $0.node.classReason = long(WireLimits.textBytes) }),
            ("hello.threads", hello { $0.node.threads = WireLimits.threads + 1 }),
            ("hello.maximum_jobs", hello { $0.maximumJobs = WireLimits.leases + 1 }),
            (
                "heartbeat.layer",
                .heartbeat(
                    Heartbeat(
                        progress: .init(
                            lease: Samples.lease, stage: .forward, step: 1, of: 2,
                            layer: long(WireLimits.tensorNameBytes))))
            ),
            ("job.checkpoint", job { $0.checkpoint = long(WireLimits.pathBytes) }),
            ("job.configuration", job { $0.configuration = long(WireLimits.pathBytes) }),
            ("job.batch_size", job { $0.batchSize = WireLimits.batchSize + 1 }),
            ("job.images.path", job { $0.images = .init(path: long(WireLimits.pathBytes), files: digest, first: 0) }),
            ("job.images.first", job { $0.images = .init(path: "", files: digest, first: WireLimits.images + 1) }),
            ("job.noise_draw", job { $0.noise = .drawn(index: WireLimits.noiseDraw + 1) }),
            ("completed.tokens", completed { $0.tokens = WireLimits.tokens + 1 }),
            (
                "completed.manifest",
                completed {
                    $0.weights.fingerprints = Array(
                        repeating: .init(name: "", shape: [], digest: digest), count: WireLimits.fingerprints + 1)
                }
            ),
            (
                "manifest.shape",
                completed {
                    $0.weights.fingerprints = [
                        .init(name: "", shape: Array(repeating: 1, count: WireLimits.dimensions + 1), digest: digest)
                    ]
                }
            ),
            (
                "completed.findings",
                completed {
                    $0.findings = Array(
                        repeating: .init(code: "", severity: .note, text: ""), count: WireLimits.findings + 1)
                }
            ),
            (
                "finding.text",
                completed { $0.findings = [.init(code: "", severity: .note, text: long(WireLimits.textBytes))] }
            ),
            (
                "completed.layers_sha256",
                completed {
                    $0.layers = LayerDigests(Array(repeating: digest, count: WireLimits.layers + 1))
                }
            ),
            (
                "cancel.leases",
                .cancel(Cancel(leases: Array(repeating: Samples.lease, count: WireLimits.leases + 1)))
            ),
            ("reject.text", .reject(Reject(.malformed(), text: long(WireLimits.textBytes)))),
        ]
    }()

    @Test("we never send what breaks a limit", arguments: 0..<excesses.count)
    func sending(index: Int) {
        let (field, body) = Self.excesses[index]
        let error = #expect(throws: WireError.self) {
            _ = try Envelope(session: 1, incarnation: 1, body).frames()
        }
        #expect(error?.code == .limitExceeded)
        #expect(error?.field == field)
    }

    @Test("a heartbeat leaves out what is in hand where that is more than fits", arguments: [-1, 0, 1])
    func inHand(excess: Int) throws {
        let finished = (0..<WireLimits.leases - 1 + excess).map {
            Lease(id: .init(rawValue: $0), epoch: Samples.lease.epoch)
        }
        let inHand = LeasesInHand(number: 1, unfinished: [Samples.lease], finished: finished)
        let frames = try Envelope(session: 1, incarnation: 1, .heartbeat(Heartbeat(inHand: inHand))).frames()
        let body = try Envelope(frames: frames).body
        #expect(body == .heartbeat(Heartbeat(inHand: excess > 0 ? nil : inHand)))
    }

    @Test("text with a NUL is neither sent nor cut short")
    func nul() throws {
        #expect(throws: WireError.self) {
            _ = try Envelope(session: 1, incarnation: 1, .goodbye(Goodbye(reason: "a\0b"))).frames()
        }
        var header = try Envelope(session: 1, incarnation: 1, .goodbye(Goodbye(reason: "a+b"))).frames()[0]
        for (old, new) in [(UInt8(ascii: "+"), UInt8(0)), (0, 0xFF)] {
            let index = try #require(header.lastIndex(of: old))
            header[index] = new
            let error = #expect(throws: WireError.self) { _ = try Envelope(frames: [header]) }
            #expect(error?.field == "goodbye.reason")
            #expect(error?.code == .invalidField)
        }
    }

    @Test("a header over the limit is refused before it is unpacked")
    func headerBytes() {
        let error = #expect(throws: WireError.self) {
            _ = try Envelope(frames: [Array(repeating: 0, count: WireLimits.headerBytes + 1)])
        }
        #expect(error == WireError(.limitExceeded, "header", error?.message ?? ""))
    }

    @Test("a header of a million empty sub-messages runs out of its memory budget")
    func budget() {
        // Two bytes each for a struct of over a hundred.
        let bomb = emptyPayloads(WireLimits.headerBytes / 2)
        let nothing = #expect(throws: WireError.self) { _ = try Envelope(frames: [bomb]) }
        #expect(nothing == WireError(.limitExceeded, "header", nothing?.message ?? ""))
        // An empty Result makes it of a kind that may have so long a header.
        let result = #expect(throws: WireError.self) { _ = try Envelope(frames: [bomb.dropLast(4) + [0xA2, 1, 0]]) }
        #expect(result == WireError(.malformed, "header", "is no message of this protocol"))
    }

    @Test("the header's list of payloads is bounded")
    func payloadCount() {
        let header = emptyPayloads(WireLimits.payloads + 1)
        let error = #expect(throws: WireError.self) { _ = try Envelope(frames: [[8, 2] + header]) }
        #expect(error?.code == .limitExceeded)
    }

    /// Field 4, a payload, of no bytes, again and again.
    @Test("a message of frames that each are small enough is refused when they are too much together")
    func messageBytes() {
        let half = [UInt8](repeating: 0, count: WireLimits.messageBytes / 2)
        let error = #expect(throws: WireError.self) { _ = try Envelope(frames: [[0], half, half]) }
        #expect(error?.code == .limitExceeded && error?.field == "message")
    }

    private func emptyPayloads(_ count: Int) -> [UInt8] {
        (0..<2 * count).map { $0.isMultiple(of: 2) ? 4 << 3 | 2 : 0 }
    }
}
