import MAECluster
import MAEDomain
import MAETensor
import MAEWire
import MAEWorker
import TestSupport
import Testing
import ZeroMQ

@Suite("A worker and a coordinator spoken by hand")
struct WorkerPeerTests {
    let site: Site

    init() throws { site = try Site() }

    @Test("a whole conversation: Hello, Job, Result, Accepted, Goodbye")
    func conversation() async throws {
        let worker = try site.startWorker("a")
        try await onThread { [site] in
            let peer = try RawPeer(listeningAt: site.endpoint, site.context)
            try welcome(peer, session: 7)
            try peer.send(.job(job))
            let sent = try peer.await { $0.body.isResult ? $0 : nil }
            #expect(sent.session == 7)
            guard case .result(let result) = sent.body else { return }
            #expect(result.lease == job.lease)
            #expect(result.outcome == .completed(LightRunner.output(of: job)))

            try peer.send(.accepted(Accepted(leases: [job.lease])))
            worker.leave()
            try awaitGoodbye(of: peer)
        }
    }

    @Test("a result is sent again until it is accepted, and heartbeats tell real progress meanwhile")
    func repetition() async throws {
        let runner = LightRunner(.neverEnds)
        try site.startWorker("a", runner)
        try await onThread { [site] in
            let peer = try RawPeer(listeningAt: site.endpoint, site.context)
            try welcome(peer, session: 7)
            try peer.send(.job(job))
            var steps: [UInt64] = []
            // Some heartbeats may tell of the same step, and the first of a job that is about to begin.
            try blockUntil("the job gets on", every: .zero) {
                let progress = try peer.await { envelope -> JobProgress? in
                    if case .heartbeat(let heartbeat) = envelope.body { heartbeat.progress } else { nil }
                }
                #expect(progress.lease == job.lease)
                guard progress.stage == .forward else { return false }
                #expect(progress.layer == (progress.step == 0 ? nil : "layer.\(progress.step)"))
                steps.append(progress.step)
                return steps.count >= 3 && Set(steps).count > 1
            }
            #expect(steps == steps.sorted())
            try peer.send(.cancel(Cancel(leases: [job.lease])))
            try blockUntil("the job is cancelled") { runner.cancelled > 0 }
        }
    }

    @Test("heartbeats name a job that stands still before it has said anything")
    func frozen() async throws {
        let runner = LightRunner(.freezes)
        defer { runner.release() }
        try site.startWorker("a", runner)
        try await onThread { [site] in
            let peer = try RawPeer(listeningAt: site.endpoint, site.context)
            try welcome(peer, session: 7)
            try peer.send(.job(job))
            // The first may have left before the job came.
            try peer.await { envelope -> JobProgress? in
                if case .heartbeat(let heartbeat) = envelope.body { heartbeat.progress } else { nil }
            }
            for _ in 0..<3 {
                let heartbeat = try peer.await { envelope -> Heartbeat? in
                    if case .heartbeat(let heartbeat) = envelope.body { heartbeat } else { nil }
                }
                #expect(heartbeat.progress?.lease == job.lease)
                #expect(heartbeat.progress?.count == 0)
                #expect(heartbeat.inHand?.unfinished == [job.lease])
            }
        }
    }

    @Test("a job of the next run is computed though one of the same number still ran when it came")
    func twoRuns() async throws {
        let runner = LightRunner(.freezes)
        defer { runner.release() }
        try site.startWorker("a", runner)
        try await onThread { [site] in
            let peer = try RawPeer(listeningAt: site.endpoint, site.context)
            try welcome(peer, session: 7)
            try peer.send(.job(job))
            try blockUntil("the job is begun") { runner.begun > 0 }
            try peer.send(.goodbye(Goodbye(reason: "the run is over")))
            try welcome(peer, session: 8)
            var next = job
            next.seed = 43
            try peer.send(.job(next))
            try peer.send(.reject(Reject(.unknownWorker, text: "who are you")))
            try welcome(peer, session: 8)
            // A heartbeat of the new session that names it: the job has been taken in.
            try peer.await { envelope -> Bool? in
                guard case .heartbeat(let heartbeat) = envelope.body, envelope.session == 8 else { return nil }
                return heartbeat.inHand?.unfinished == [next.lease] ? true : nil
            }
            runner.release()
            #expect(try awaitResult(of: peer).outcome == .completed(LightRunner.output(of: next)))
        }
    }

    @Test("an unknown worker says Hello again, and a coordinator that falls silent is greeted again")
    func greetingAgain() async throws {
        try site.startWorker("a")
        try await onThread { [site] in
            let peer = try RawPeer(listeningAt: site.endpoint, site.context)
            try welcome(peer, session: 7)
            try peer.send(.reject(Reject(.unknownWorker, text: "who are you")))
            try welcome(peer, session: 8, silence: .milliseconds(500))
            // Heartbeats tell that it is in the cluster.
            try peer.await { envelope -> Bool? in
                if case .heartbeat = envelope.body, envelope.session == 8 { true } else { nil }
            }
            // From now on the coordinator says nothing: the worker gives it up and greets again.
            try peer.await { if case .hello = $0.body { true } else { nil } }
        }
    }

    @Test("what a coordinator must not send, and what is no message, is survived")
    func nonsense() async throws {
        try site.startWorker("a")
        try await onThread { [site] in
            let peer = try RawPeer(listeningAt: site.endpoint, site.context)
            try welcome(peer, session: 7)
            try peer.send(raw: [[1, 2, 3]])
            try peer.send(raw: Array(repeating: [0], count: 100))
            try peer.send(.goodbye(Goodbye(reason: "no")))
            try welcome(peer, session: 8)
            try peer.send(.result(ShardResult(lease: job.lease, outcome: .completed(LightRunner.output(of: job)))))
            try peer.send(.job(job))
            #expect(try awaitResult(of: peer).lease == job.lease)
        }
    }

    @Test("a job that cannot be read is refused under its lease")
    func refusedJob() async throws {
        try site.startWorker("a")
        try await onThread { [site] in
            let peer = try RawPeer(listeningAt: site.endpoint, site.context)
            try welcome(peer, session: 7)
            var noisy = job
            noisy.noise = .given(Self.noise)
            var frames = try peer.frames(of: .job(noisy))
            frames[1][0] ^= 1
            try peer.send(raw: frames)
            #expect(try peer.awaitReject().rejection == .malformed(job.lease))
            try peer.send(.job(job))
            #expect(try awaitResult(of: peer).lease == job.lease)
        }
    }

    @Test("a worker whose device broke tells why the job failed, says Goodbye, and ends with that error")
    func breakdown() async throws {
        let failure = JobFailure(code: "deviceLost", message: "gone", fault: .node)
        let runner = LightRunner(.breaks(failure))
        let worker = try site.worker("a", runner)
        async let ending = onThread { #expect(throws: JobFailure.self) { try worker.run() } }
        try await onThread { [site] in
            let peer = try RawPeer(listeningAt: site.endpoint, site.context)
            try welcome(peer, session: 7)
            try peer.send(.job(job))
            var next = job
            (next.lease, next.shard) = (Lease(id: LeaseID(rawValue: 1), epoch: Epoch(rawValue: 1)), 4)
            try peer.send(.job(next))
            #expect(try awaitResult(of: peer).outcome == .failed(failure))
            try awaitGoodbye(of: peer)
        }
        #expect(try await ending == failure)
        #expect(runner.begun == 1)
    }

    @Test("results that were not accepted before a device was caught miscomputing are taken back")
    func distrust() async throws {
        let failure = JobFailure(code: "deviceMiscomputed", message: "a known answer is wrong", fault: .node)
        try site.startWorker("a", LightRunner(.failsLater(failure)))
        try await onThread { [site] in
            let peer = try RawPeer(listeningAt: site.endpoint, site.context)
            try welcome(peer, session: 7)
            try peer.send(.job(job))
            let first = try awaitResult(of: peer)
            #expect(first.outcome == .completed(LightRunner.output(of: job)))
            var next = job
            (next.lease, next.shard) = (Lease(id: LeaseID(rawValue: 1), epoch: Epoch(rawValue: 1)), 4)
            try peer.send(.job(next))
            let lost = try peer.await {
                if case .result(let result) = $0.body, result.lease == next.lease { result } else { nil }
            }
            #expect(lost.outcome == .failed(failure))
            // A job that comes again asks for its result.
            try peer.send(.job(job))
            let again = try peer.await {
                if case .result(let result) = $0.body, result.lease == job.lease { result } else { nil }
            }
            #expect(again.outcome == .failed(failure))
        }
    }

    private let job = JobRequest(
        lease: Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: 1)), run: "r", shard: 3, method: .full,
        label: "full", checkpoint: "/m",
        batchIndex: 0, seed: 42, batchSize: 2)

    private func awaitResult(of peer: RawPeer) throws -> ShardResult {
        try peer.await { if case .result(let result) = $0.body { result } else { nil } }
    }

    private func awaitGoodbye(of peer: RawPeer) throws {
        try peer.await { if case .goodbye = $0.body { true } else { nil } }
    }

    @Test("jobs beyond what its Hello said are refused, the log tells of some, and those that it took stay")
    func tooManyJobs() async throws {
        try site.startWorker("a", LightRunner(.neverEnds))
        try await onThread { [site] in
            let peer = try RawPeer(listeningAt: site.endpoint, site.context)
            try welcome(peer, session: 7)
            func send(_ number: Int) throws {
                var job = job
                job.lease = Lease(id: LeaseID(rawValue: number), epoch: Epoch(rawValue: 1))
                try peer.send(.job(job))
            }
            // One runs and sixteen wait.
            for number in 0..<17 { try send(number) }
            for number in 17..<97 {
                try send(number)
                let refused = try peer.await { envelope -> Lease? in
                    if case .reject(let reject) = envelope.body, case .malformed(let lease) = reject.rejection {
                        lease
                    } else {
                        nil
                    }
                }
                #expect(refused.id.rawValue == number)
            }
            #expect((32...34).contains(site.lines.count("a job is refused: 16 jobs wait already")))
        }
    }

    /// Answers the next Hello; the worker is to bear with so much `silence`.
    private func welcome(_ peer: RawPeer, session: UInt64, silence: Duration = .patience) throws {
        peer.incarnation = try peer.await { envelope -> UInt64? in
            if case .hello = envelope.body { envelope.incarnation } else { nil }
        }
        peer.session = session
        try peer.send(.welcome(Welcome(heartbeatInterval: .milliseconds(20), silenceTimeout: silence)))
    }

    private static let noise = TensorPayload(.noise, Tensor(shape: [2, 4], elements: (0..<8).map(Float.init)))
}

extension Envelope.Body {
    fileprivate var isResult: Bool { if case .result = self { true } else { false } }
}
