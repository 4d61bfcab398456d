import Foundation
import MAECluster
import MAECoordinator
import MAEDomain
import MAEStore
import MAEVerify
import MAEWire
import TestSupport
import Testing
import ZeroMQ

@Suite("A coordinator and peers of all kinds")
struct CoordinatorPeerTests {
    let site: Site
    let store: Store

    init() throws {
        site = try Site()
        store = try site.store()
    }

    @Test("a node that vanishes with its jobs is replaced by one that joins late")
    func vanishing() async throws {
        var options = site.options
        options.policy.heartbeatInterval = .milliseconds(50)
        // Should it take the other one for lost too, that one comes back.
        options.policy.silenceTimeout = .seconds(6)
        let coordinator = try site.coordinator(Site.plan(workers: 1), store, options)
        async let outcome = onThread { try coordinator.run() }
        let job = try await onThread { [site] in
            let peer = try RawPeer(connectingTo: site.endpoint, site.context)
            try peer.join("gone")
            return try peer.awaitJob()
        }
        #expect(job.label == "pretrained")
        try site.startWorker("late")
        #expect(try await outcome.summary.isComplete)
        #expect(Set(try store.results(of: "night").map(\.observation.node.name)) == ["late"])
    }

    @Test("a result that comes twice is acknowledged twice and stored once")
    func duplicate() async throws {
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store)
        async let outcome = onThread { try coordinator.run() }
        let accepted = try await onThread { [site] in
            let peer = try RawPeer(connectingTo: site.endpoint, site.context)
            try peer.join("twice")
            let jobs = [try peer.awaitJob(), try peer.awaitJob()]
            return try [jobs[0], jobs[0], jobs[1]].map { job in
                let completed = LightRunner.output(of: job)
                try peer.send(
                    .result(ShardResult(lease: job.lease, outcome: .completed(completed))))
                return try peer.awaitAcknowledgement()
            }
        }
        #expect(accepted[0] == accepted[1])
        #expect(try await outcome.summary.isComplete)
        #expect(try store.results(of: "night").count == 2)
    }

    @Test("a job that a node does not name in its heartbeats is sent again, and its result counts")
    func lostJob() async throws {
        var options = site.options
        options.policy.heartbeatInterval = .milliseconds(20)
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store, options)
        async let outcome = onThread { try coordinator.run() }
        let leases = try await onThread { [site] in
            let peer = try RawPeer(connectingTo: site.endpoint, site.context)
            try peer.join("forgetful")
            let jobs = [try peer.awaitJob(), try peer.awaitJob()]
            var number: UInt64 = 0
            let again = try blockUntilFound("the job is sent again", every: .zero) { () -> Lease? in
                number += 1
                let holding = LeasesInHand(number: number, unfinished: [jobs[0].lease], finished: [])
                try peer.send(.heartbeat(Heartbeat(inHand: holding)))
                if case .job(let job) = try peer.receive().body { return job.lease }
                return nil
            }
            for job in jobs {
                let completed = LightRunner.output(of: job)
                try peer.send(
                    .result(ShardResult(lease: job.lease, outcome: .completed(completed))))
            }
            return (jobs[1].lease, again)
        }
        #expect(leases.0 == leases.1)
        #expect(try await outcome.summary.isComplete)
    }

    @Test("a job that a node refuses has failed there, and is tried again")
    func refusedJob() async throws {
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store)
        async let outcome = onThread { try coordinator.run() }
        let leases = try await onThread { [site] in
            let peer = try RawPeer(connectingTo: site.endpoint, site.context)
            try peer.join("picky")
            let jobs = [try peer.awaitJob(), try peer.awaitJob()]
            try peer.send(.reject(Reject(.malformed(jobs[0].lease), text: "what is this")))
            let again = try peer.awaitJob()
            try peer.send(.goodbye(Goodbye(reason: "enough")))
            return (jobs[0].lease, again.lease)
        }
        #expect(leases.0.id == leases.1.id && leases.0.epoch < leases.1.epoch)
        try site.startWorker("a")
        #expect(try await outcome.summary.isComplete)
    }

    @Test("who is not known is told to say Hello, and what is no message is refused; the run goes on")
    func strangers() async throws {
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store)
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            let peer = try RawPeer(connectingTo: site.endpoint, site.context)
            peer.session = 12345
            try peer.send(.heartbeat(Heartbeat()))
            #expect(try peer.awaitReject().rejection == .unknownWorker)
            try peer.send(raw: [[0xFF, 0xFF]])
            #expect(try peer.awaitReject().rejection == .malformed())
            try peer.send(raw: [[8, 1]])
            #expect(try peer.awaitReject().rejection == .unsupportedVersion)
            try peer.send(raw: [[]])
            #expect(try peer.awaitReject().rejection == .malformed())
            try peer.send(.welcome(Welcome(heartbeatInterval: .seconds(1), silenceTimeout: .seconds(1))))
            #expect(try peer.awaitReject().rejection == .malformed())
            peer.incarnation = nil
            try peer.send(.goodbye(Goodbye(reason: "")))
            #expect(try peer.awaitReject().text.contains("say Hello"))
            peer.incarnation = 1
            try peer.join("known")
            #expect(peer.session != nil)
            try peer.send(.goodbye(Goodbye(reason: "enough")))
        }
        try site.startWorker("a")
        #expect(try await outcome.summary.isComplete)
    }

    @Test("a result under a lease that was never granted is refused")
    func wrongLease() async throws {
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store)
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            let peer = try RawPeer(connectingTo: site.endpoint, site.context)
            try peer.join("odd")
            let job = try peer.awaitJob()
            let completed = LightRunner.output(of: job)
            let foreign = Lease(id: LeaseID(rawValue: 999), epoch: Epoch(rawValue: 1))
            try peer.send(.result(ShardResult(lease: foreign, outcome: .completed(completed))))
            #expect(try peer.awaitReject().rejection == .result(foreign, .neverGranted))
            try peer.send(.goodbye(Goodbye(reason: "enough")))
        }
        try site.startWorker("a")
        #expect(try await outcome.summary.isComplete)
    }

    @Test(
        "what other machines could reach is not listened at without keys",
        arguments: [
            "tcp://*:5599", "tcp://0.0.0.0:5599", "tcp://192.168.1.2:5599", "tcp://127.0.0.1.example.org:5599",
            "tcp://[::]:5599", "tcp://eth0:*", "udp://127.0.0.1:1", "127.0.0.1:5599",
        ])
    func openEndpoint(endpoint: String) async throws {
        let coordinator = try site.coordinator(
            Site.plan(), store, CoordinatorOptions(endpoint: endpoint, timeout: .seconds(1)))
        let error = await #expect(throws: CoordinatorError.self) { try await onThread { try coordinator.run() } }
        #expect(error?.code == .openEndpoint)
        #expect(error?.message.contains("mae-coord keys init") == true)
    }

    @Test("a plan that no worker would accept is refused before anything is recorded")
    func badPlan() async throws {
        let changes: [@Sendable (inout RunPlan) -> Void] = [
            { $0.methods = [] }, { $0.batchSize = 0 }, { $0.maskRatio = 1.5 }, { $0.maskRatio = .nan },
            { $0.noise = .file }, { $0.methods[0].path = String(repeating: "x", count: 5000) }, { $0.workers = 0 },
        ]
        for change in changes {
            var plan = Site.plan()
            change(&plan)
            let coordinator = try site.coordinator(plan, store)
            let error = await #expect(throws: CoordinatorError.self) { try await onThread { try coordinator.run() } }
            #expect(error?.code == .badPlan)
        }
        #expect(throws: StoreError.self) { try store.run("night") }
    }

    @Test("a port in use is named, and nothing is recorded of the run")
    func portInUse() async throws {
        let (store, site) = (store, site)
        let error = await #expect(throws: ZeroMQError.self) {
            try await onThread {
                let holder = try Socket(.router, in: site.context)
                let endpoint = try holder.bind("tcp://127.0.0.1:*")
                _ = try site.coordinator(
                    Site.plan(), store, CoordinatorOptions(endpoint: endpoint, timeout: .seconds(1))
                ).run()
            }
        }
        #expect(error?.code == .addressInUse)
        #expect(throws: StoreError.self) { try store.run("night") }
    }

    @Test("the endpoint file holds the port that the system chose, and comes after its owner was told")
    func endpointFile() async throws {
        var options = CoordinatorOptions(endpoint: "tcp://127.0.0.1:*", timeout: .milliseconds(20))
        options.endpointFile = site.folder.file("endpoint")
        let coordinator = try site.coordinator(Site.plan(), store, options)
        let file = site.folder.file("endpoint")
        _ = try await onThread {
            try coordinator.run(whenListening: { _ in #expect(!FileManager.default.fileExists(atPath: file)) })
        }
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.hasPrefix("tcp://127.0.0.1:") && text.hasSuffix("\n"))
        #expect(Int(text.dropFirst("tcp://127.0.0.1:".count).dropLast()) ?? 0 > 0)
    }
}
