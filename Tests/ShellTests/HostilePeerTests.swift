import Foundation
import MAECluster
import MAECoordinator
import MAEDomain
import MAEStore
import MAETensor
import MAEVerify
import MAEWire
import TestSupport
import Testing
import ZeroMQ

/// Peers that mean harm, or are broken in ways that look like it; docs/messages.md lists who must be survived.
@Suite("Hostile peers")
struct HostilePeerTests {
    let site: Site
    let store: Store

    init() throws {
        site = try Site()
        store = try site.store()
    }

    /// Lets `attack` happen in a run of one batch for one worker, then completes the run with an honest worker.
    private func survive(
        _ options: CoordinatorOptions? = nil, _ attack: @escaping @Sendable (RawPeer) throws -> Void
    ) async throws {
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store, options)
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in try attack(RawPeer(connectingTo: site.endpoint, site.context)) }
        try site.startWorker("honest")
        #expect(try await outcome.summary.isComplete)
        let results = try store.results(of: "night").map(\.observation)
        #expect(results.map(\.method.label).sorted() == ["pretrained", "state-dict"])
    }

    @Test("a message of an unknown kind is refused")
    func unknownMessage() async throws {
        try await survive { peer in
            // Version 2, and a body in field 99, which no version of the protocol has.
            try peer.send(raw: [[8, 2, 0x9A, 0x06, 0]])
            #expect(try peer.awaitReject().rejection == .malformed())
        }
    }

    @Test("a header over its limit is refused")
    func oversizeHeader() async throws {
        try await survive { peer in
            try peer.send(raw: [[UInt8](repeating: 0, count: WireLimits.headerBytes + 1)])
            let reject = try peer.awaitReject()
            #expect(reject.rejection == .malformed() && reject.text.contains("\(WireLimits.headerBytes)"))
        }
    }

    @Test("results whose frames are not those that the header announces are refused, and the right one is taken")
    func lyingHeader() async throws {
        try await survive { peer in
            try peer.join("liar")
            let job = try peer.awaitJob()
            let frames = try peer.frames(of: Self.result(job))
            var flipped = frames
            flipped[1][0] ^= 1
            for wrong in [flipped, [frames[0], frames[1].dropLast(4)], [frames[0]], frames + [frames[1]]] {
                try peer.send(raw: wrong.map { Array($0) })
                #expect(try peer.awaitReject().rejection == .malformed())
            }
            try peer.send(raw: frames)
            #expect(try peer.awaitAcknowledgement() == job.lease)
            try peer.send(.goodbye(Goodbye(reason: "enough")))
        }
    }

    @Test("a tensor that nobody asked for is not kept: the batch is given to somebody else")
    func unwantedTensor() async throws {
        try await survive { peer in
            try peer.join("generous")
            let job = try peer.awaitJob()
            #expect(!job.wantsLayernorm)
            var asked = job
            asked.wantsLayernorm = true
            try peer.send(Self.result(asked))
            var again = try peer.awaitJob()
            while again.lease.id != job.lease.id { again = try peer.awaitJob() }
            #expect(again.lease.epoch > job.lease.epoch)
            try peer.send(.goodbye(Goodbye(reason: "enough")))
        }
        #expect(try store.results(of: "night").allSatisfy { $0.observation.layernorm == nil })
    }

    @Test("a result under an old epoch, and one for another node's lease, are refused with the reason")
    func foreignLease() async throws {
        try await survive { [site] peer in
            try peer.join("holder")
            let old = try peer.awaitJob()
            let failed = JobFailure(code: "oops", message: "oops", remedy: "", fault: .node)
            try peer.send(.result(ShardResult(lease: old.lease, outcome: .failed(failed))))
            var job = try peer.awaitJob()
            while job.lease.id != old.lease.id { job = try peer.awaitJob() }
            #expect(job.lease.epoch > old.lease.epoch)
            try peer.send(Self.result(old))
            #expect(try peer.awaitReject().rejection == .result(old.lease, .oldEpoch))
            let other = try RawPeer(connectingTo: site.endpoint, site.context)
            other.incarnation = 2
            try other.join("other")
            try other.send(Self.result(job))
            #expect(try other.awaitReject().rejection == .result(job.lease, .otherHolder))
            for peer in [peer, other] { try peer.send(.goodbye(Goodbye(reason: "enough"))) }
        }
    }

    @Test("a result of NaN is stored as it came, and agrees with nothing")
    func notANumber() async throws {
        let plan = Site.plan(batches: 1, workers: 1)
        let coordinator = try site.coordinator(plan, store)
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            let peer = try RawPeer(connectingTo: site.endpoint, site.context)
            try peer.join("nan")
            // Both come before anything is answered.
            for job in [try peer.awaitJob(), try peer.awaitJob()] {
                try peer.send(
                    Self.result(job, pooled: Tensor(shape: [2, 2], elements: [Float](repeating: .nan, count: 4))))
                #expect(try peer.awaitAcknowledgement() == job.lease)
            }
        }
        let failures = try await outcome.failures
        let observations = try store.results(of: "night").map(\.observation)
        #expect(observations.count == 2 && observations.allSatisfy { $0.pooled.elements.allSatisfy(\.isNaN) })
        let verification = Verification(plan: plan, observations: observations, failures: failures)
        #expect(verification.verdict.outcome == .disagree)
    }

    @Test("a result of another shape than the job asked for fails, and the third time it is given up on that node")
    func wrongShape() async throws {
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store)
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            let peer = try RawPeer(connectingTo: site.endpoint, site.context)
            try peer.join("shape")
            for _ in 0..<6 {
                let job = try peer.awaitJob()
                // Consistent in itself, but for three images instead of two.
                try peer.send(Self.result(job, pooled: Tensor(shape: [3, 2], elements: [0, 1, 2, 3, 4, 5])))
            }
        }
        let failures = try await outcome.failures
        let isTold = failures.allSatisfy { $0.message.contains("[3, 2], for 2 images") }
        #expect(failures.count == 2 && isTold, "\(failures)")
        #expect(try store.results(of: "night").isEmpty)
    }

    @Test("a second worker with the name of a live one is told so, and the first is not disturbed")
    func oneName() async throws {
        try await survive { [site] peer in
            try peer.join("twin")
            let job = try peer.awaitJob()
            let second = try RawPeer(connectingTo: site.endpoint, site.context)
            second.incarnation = 2
            try second.sayHello("twin")
            guard case .nameTaken(let wait) = try second.awaitReject().rejection else {
                Issue.record("another reason came")
                return
            }
            #expect(wait > .zero)
            try peer.send(Self.result(job))
            #expect(try peer.awaitAcknowledgement() == job.lease)
            try peer.send(.goodbye(Goodbye(reason: "enough")))
        }
    }

    @Test("a flood of Hellos is refused once, then ignored, while others work")
    func helloFlood() async throws {
        var options = site.options
        options.policy.helloWindow = .patience
        try await survive(options) { peer in
            for number in 0..<500 { try peer.sayHello("flood-\(number % 3)") }
            let welcome = try peer.await { envelope -> Envelope? in
                if case .welcome = envelope.body { envelope } else { nil }
            }
            // A member is heard as before, and its answer comes after all that the flood was answered by.
            peer.session = welcome.session
            try peer.send(.heartbeat(Heartbeat()))
            var refusals = 0
            var sessions: Set = [welcome.session]
            try blockUntil("the heartbeat is answered", every: .zero) {
                let next = try peer.receive()
                if case .reject(let reject) = next.body, case .tooManyHellos = reject.rejection { refusals += 1 }
                if case .welcome = next.body { sessions.insert(next.session) }
                if case .heartbeat = next.body { return true }
                return false
            }
            #expect(refusals == 1)
            for session in sessions {
                peer.session = session
                try peer.send(.goodbye(Goodbye(reason: "enough")))
            }
        }
    }

    @Test("what is played again over another connection is a stranger's, and over the same one is counted once")
    func replay() async throws {
        try await survive { [site] peer in
            try peer.join("replayed")
            let (job, second) = (try peer.awaitJob(), try peer.awaitJob())
            let frames = try peer.frames(of: Self.result(job))
            for _ in 0..<2 {
                try peer.send(raw: frames)
                #expect(try peer.awaitAcknowledgement() == job.lease)
            }
            let other = try RawPeer(connectingTo: site.endpoint, site.context)
            for recorded in [frames, try peer.frames(of: .goodbye(Goodbye(reason: "recorded")))] {
                try other.send(raw: recorded)
                #expect(try other.awaitReject().rejection == .unknownWorker)
            }
            // The recorded Goodbye did not end its session.
            try peer.send(Self.result(second))
            #expect(try peer.awaitAcknowledgement() == second.lease)
        }
    }

    @Test("connections that fall silent in the middle of a greeting, a header or a frame hold nobody up")
    func silence() async throws {
        let (options, endpointFile) = site.optionsForTCP()
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store, options)
        async let outcome = onThread { try coordinator.run() }
        let endpoint = try await Site.endpoint(in: endpointFile)
        let speechless = try #require(LoopbackConnection(endpoint))
        let greeting = try #require(LoopbackConnection(endpoint))
        // Half of the signature that ZMTP begins with.
        #expect(greeting.send([0xFF, 0, 0, 0, 0]))
        // After the handshake: a part of the length of a frame, and a frame that ends after a few bytes.
        let length = try #require(EndlessPeer(endpoint, frameBytes: 1 << 20))
        #expect(length.send(atMost: 4))
        let frame = try #require(EndlessPeer(endpoint, frameBytes: 1 << 20))
        #expect(frame.send(atMost: 20))
        try await onThread { [site] in
            let peer = try RawPeer(connectingTo: endpoint, site.context)
            try peer.join("prompt")
            for job in [try peer.awaitJob(), try peer.awaitJob()] {
                try peer.send(Self.result(job))
                #expect(try peer.awaitAcknowledgement() == job.lease)
            }
        }
        #expect(try await outcome.summary.isComplete)
        withExtendedLifetime((speechless, greeting, length, frame)) {}
    }

    /// An honest result, but for `pooled`.
    private static func result(_ job: JobRequest, pooled: Tensor? = nil) -> Envelope.Body {
        var completed = LightRunner.output(of: job)
        if let pooled {
            completed.pooled = TensorPayload(.pooled, pooled)
            completed.digests.pooled = pooled.digest()
        }
        return .result(ShardResult(lease: job.lease, outcome: .completed(completed)))
    }
}
