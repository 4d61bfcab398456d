import MAEContent
import MAEDomain
import MAETensor
import Testing
import WireTestSupport

@testable import MAEWire

@Suite("What a message of each kind may take")
struct MessageKindTests {
    private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    private static let leases = (0..<WireLimits.leases).map {
        Lease(id: LeaseID(rawValue: .max - $0), epoch: Epoch(rawValue: .max))
    }

    /// Messages in which every field is as long as it may be; results and manifests have the limit of all headers.
    static let largest: [Envelope.Body] = {
        let (name, sentence) = (text(WireLimits.nameBytes), text(WireLimits.textBytes))
        let hello = Hello(
            node: NodeIdentity(
                name: name, host: name, backend: name, device: name, isa: name, threads: WireLimits.threads,
                numericClass: name, classReason: sentence, engineBuild: name), maximumJobs: WireLimits.leases)
        var job = Samples.imagesJob
        (job.run, job.label, job.weights) = (name, name, text(WireLimits.tensorNameBytes))
        let path = text(WireLimits.pathBytes)
        (job.checkpoint, job.configuration) = (path, path)
        job.images?.path = path
        let progress = JobProgress(
            lease: leases[0], stage: .forward, step: .max, of: .max, layer: text(WireLimits.tensorNameBytes))
        let inHand = LeasesInHand(number: .max, unfinished: Array(leases[..<128]), finished: Array(leases[128...]))
        return [
            .hello(hello), .job(job), .heartbeat(Heartbeat(progress: progress, inHand: inHand)),
            .cancel(Cancel(leases: leases)), .accepted(Accepted(leases: leases)),
            .reject(Reject(.malformed(leases[0]), text: sentence)), .goodbye(Goodbye(reason: sentence)),
        ]
    }()

    @Test("the largest message of each kind can be sent", arguments: largest)
    func fits(body: Envelope.Body) throws {
        let frames = try Envelope(session: .max, incarnation: .max, body).frames()
        #expect(try Envelope(frames: frames).body == body)
    }

    @Test("every kind is told from its header", arguments: Samples.bodies)
    func outline(body: Envelope.Body) throws {
        let frames = try Envelope(session: 1, incarnation: 1, body).frames()
        #expect(HeaderOutline(frames[0])?.kind == body.kind)
        #expect(frames.count - 1 <= body.kind.payloads)
    }

    @Test("a message that is larger than its kind may be is refused before it is unpacked", arguments: Samples.bodies)
    func tooLarge(body: Envelope.Body) throws {
        var frames = try Envelope(session: 1, incarnation: 1, body).frames()
        // A field that this version does not know, which it would keep.
        let excess = body.kind.headerBytes
        frames[0] += [0x7A, UInt8(excess & 0x7F) | 0x80, UInt8(excess >> 7 & 0x7F) | 0x80, UInt8(excess >> 14)]
        frames[0] += [UInt8](repeating: 0, count: excess)
        let error = #expect(throws: WireError.self) { _ = try Envelope(frames: frames) }
        #expect(error?.code == .limitExceeded)
        #expect(error?.field == (excess == WireLimits.headerBytes ? "header" : "\(body.kind)"))
    }

    @Test("the noise of a job has a limit of its own, at the sender and before the message is unpacked")
    func noise() throws {
        var job = Samples.job
        let patches = WireLimits.jobPayloadBytes / 4 / job.batchSize
        job.noise = .given(TensorPayload(.noise, Tensor(shape: [job.batchSize, patches], repeating: 0)))
        let frames = try Envelope(session: 1, incarnation: 1, .job(job)).frames()
        #expect(try Envelope(frames: frames).body == .job(job))
        let large = Tensor(shape: [job.batchSize, patches + 1], repeating: 0)
        job.noise = .given(TensorPayload(.noise, large))
        let sent = #expect(throws: WireError.self) { _ = try Envelope(session: 1, incarnation: 1, .job(job)).frames() }
        #expect(sent?.code == .limitExceeded)
        let received = #expect(throws: WireError.self) { _ = try Envelope(frames: [frames[0], frames[1] + [0]]) }
        #expect(received?.code == .limitExceeded)
    }

    @Test("two messages in one header are none", arguments: Samples.bodies)
    func two(body: Envelope.Body) throws {
        var frames = try Envelope(session: 1, incarnation: 1, .heartbeat(Heartbeat())).frames()
        frames[0] += try Envelope(session: 1, incarnation: 1, body).frames()[0]
        let error = #expect(throws: WireError.self) { _ = try Envelope(frames: frames) }
        #expect(error?.code == .malformed && error?.field == "header")
    }

    @Test("a message comes with no more frames than its kind has", arguments: Samples.bodies)
    func frames(body: Envelope.Body) throws {
        let header = try Envelope(session: 1, incarnation: 1, body).frames()[0]
        let empty = [[UInt8]](repeating: [], count: body.kind.payloads + 1)
        let error = #expect(throws: WireError.self) { _ = try Envelope(frames: [header] + empty) }
        #expect(error?.code == .payloadMismatch)
    }

    @Test(
        "what is no protocol buffer has no outline",
        arguments: [[0x80], [0x0A, 5], [0x09, 1], [0x0B], [0xFF, 0xFF]] as [[UInt8]])
    func none(header: [UInt8]) {
        #expect(HeaderOutline(header) == nil)
        #expect(throws: WireError.self) { _ = try Envelope(frames: [header]) }
    }
}
