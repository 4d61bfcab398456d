import Foundation
import MAECluster
import MAEKeys
import MAEStore
import MAEWire
import TestSupport
import Testing
import ZeroMQ

@testable import MAECoordinator

@Suite("A coordinator with keys")
struct KeyTests {
    let site: KeySite

    init() throws { site = try KeySite() }

    @Test("workers with keys carry a run out")
    func agreement() async throws {
        for name in ["left", "right"] { try site.add(name) }
        let coordinator = try site.site.coordinator(Site.plan(), site.store, site.options)
        async let outcome = onThread { try coordinator.run() }
        for name in ["left", "right"] { try site.startWorker(name) }
        #expect(try await outcome.summary.isComplete)
        #expect(Set(try site.store.results(of: "night").map(\.observation.node.name)) == ["left", "right"])
    }

    @Test("a revoked node gets nothing more, and what it hands in is not counted; one added meanwhile takes its place")
    func revocation() async throws {
        let keys = try site.add("left")
        let coordinator = try site.site.coordinator(Site.plan(batches: 1, workers: 1), site.store, site.options)
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            let peer = try site.peer(keys)
            try peer.join("left")
            let jobs = [try peer.awaitJob(), try peer.awaitJob()]
            // Answered until the folder has been looked at again, and by nothing from then on.
            try peer.send(.heartbeat(Heartbeat()))
            try peer.await { if case .heartbeat = $0.body { true } else { nil } }
            try site.revoke("left")
            try blockUntil("the key is found revoked") {
                site.site.lines.contain("left is lost: its key was revoked")
            }
            for job in jobs {
                let completed = LightRunner.output(of: job)
                try peer.sendIfPossible(
                    .result(ShardResult(lease: job.lease, outcome: .completed(completed))))
            }
            let again = try site.peer(keys)
            try again.sendIfPossible(RawPeer.hello("left"))
            try site.add("right")
            try site.startWorker("right")
            // Another node has joined, computed and been answered since.
            try blockUntil("the run is over") { try site.store.results(of: "night").count == jobs.count }
            #expect(try again.receiveIfThere() == nil)
            #expect(try peer.receiveIfThere() == nil)
        }
        #expect(try await outcome.summary.isComplete)
        #expect(Set(try site.store.results(of: "night").map(\.observation.node.name)) == ["right"])
    }

    @Test("while the keys cannot be read, what nodes hold counts and no node gets more; then a revocation is seen")
    func unreadable() async throws {
        let keys = try site.add("left")
        let coordinator = try site.site.coordinator(Site.plan(batches: 4, workers: 1), site.store, site.options)
        let limit = DescriptorLimit()
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            let peer = try site.peer(keys)
            try peer.join("left")
            let jobs = [try peer.awaitJob(), try peer.awaitJob()]
            try limit.refuseNew()
            // Taking a name away needs no descriptor, and makes the folder another than was read.
            #expect(rename(site.keys.path + "/nodes/left.key", site.folder("left.key")) == 0)
            try blockUntil("the keys are found unreadable") {
                site.site.lines.contain("the keys cannot be read, and no node gets work until they can")
            }
            for job in jobs {
                try peer.send(
                    .result(ShardResult(lease: job.lease, outcome: .completed(LightRunner.output(of: job)))))
                try peer.await { if case .accepted = $0.body { true } else { nil } }
            }
            try peer.send(.heartbeat(Heartbeat()))
            let next = try peer.receive()
            #expect(next.body == .heartbeat(Heartbeat()), "only the heartbeat is answered: \(next.body)")
            limit.restore()
            try blockUntil("the key is found revoked") {
                site.site.lines.contain("left is lost: its key was revoked")
            }
            #expect(try peer.receiveIfThere() == nil)
            try site.add("right")
            try site.startWorker("right")
        }
        #expect(try await outcome.summary.isComplete)
        let results = Dictionary(grouping: try site.store.results(of: "night"), by: \.observation.node.name)
        #expect(results.mapValues(\.count) == ["left": 2, "right": 6])
    }

    @Test("a key file that cannot be read keeps no revocation from taking effect")
    func unreadableFile() async throws {
        let keys = try site.add("left")
        let coordinator = try site.site.coordinator(Site.plan(batches: 1, workers: 1), site.store, site.options)
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            let peer = try site.peer(keys)
            try peer.join("left")
            try peer.awaitJob()
            // A socket can be listed and not opened.
            let odd = site.keys.path + "/nodes/odd.key"
            let socket = try Socket(.pair, in: site.site.context)
            _ = try socket.bind("ipc://" + odd)
            try blockUntil("the keys are found unreadable") {
                site.site.lines.contain("the keys cannot be read, and no node gets work until they can: " + odd)
            }
            // Revoking reads the folder too: what it writes is put there by hand.
            let file = keys.pair.publicKey.userID.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let former = try String(contentsOfFile: site.keys.path + "/nodes/left.key", encoding: .utf8)
            let revoked = former.replacing("authorised-node", with: "revoked-node")
                .replacing("added: ", with: "revoked: ")
            try revoked.write(
                toFile: site.keys.path + "/revoked/\(file).key", atomically: false, encoding: .utf8)
            chmod(site.keys.path + "/revoked/\(file).key", 0o600)
            try blockUntil("the key is found revoked") {
                site.site.lines.contain("left is lost: its key was revoked")
            }
            #expect(unlink(odd) == 0)
            try site.add("right")
            try site.startWorker("right")
        }
        #expect(try await outcome.summary.isComplete)
        #expect(site.site.lines.contain("the keys can be read again"))
    }

    @Test("a revocation is seen although all descriptors are in use")
    func noDescriptors() async throws {
        let keys = try site.add("left")
        let coordinator = try site.site.coordinator(Site.plan(batches: 1, workers: 1), site.store, site.options)
        let limit = DescriptorLimit()
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            let peer = try site.peer(keys)
            try peer.join("left")
            try peer.awaitJob()
            try limit.useUp()
            #expect(rename(site.keys.path + "/nodes/left.key", site.folder("left.key")) == 0)
            try blockUntil("the key is found revoked") {
                site.site.lines.contain("left is lost: its key was revoked")
            }
            limit.restore()
            try site.add("right")
            try site.startWorker("right")
        }
        #expect(try await outcome.summary.isComplete)
        #expect(!site.site.lines.contain("the keys cannot be read"))
    }

    @Test("a node that is revoked and given a new key comes back under its name")
    func newKey() async throws {
        try site.add("left")
        let coordinator = try site.site.coordinator(Site.plan(batches: 1, workers: 1), site.store, site.options)
        async let outcome = onThread { try coordinator.run() }
        let old = try NodeKeys(file: site.file("left"))
        try await onThread { [site] in
            let peer = try site.peer(old)
            try peer.join("left")
            try peer.awaitJob()
            try site.revoke("left")
            try FileManager.default.removeItem(atPath: site.file("left"))
            try site.add("left")
        }
        try site.startWorker("left")
        #expect(try await outcome.summary.isComplete)
    }

    @Test("a worker that is refused reads its key file again, and gets in once it is added")
    func addedLater() async throws {
        let keys = try site.unknown("left")
        try keys.write(to: site.file("left"))
        let coordinator = try site.site.coordinator(Site.plan(batches: 1, workers: 1), site.store, site.options)
        async let outcome = onThread { try coordinator.run() }
        try site.startWorker("left")
        try await eventually("the worker is refused") { site.site.lines.contain("was refused") }
        #expect(try site.store.results(of: "night").isEmpty)
        try site.keys.add(keys.node, keys.pair.publicKey, at: Date())
        #expect(try await outcome.summary.isComplete)
    }

    @Test("a key takes part under the name that it was added under, and no other")
    func otherName() async throws {
        let keys = try site.add("left")
        try site.add("right")
        let coordinator = try site.site.coordinator(Site.plan(batches: 1, workers: 1), site.store, site.options)
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            let peer = try site.peer(keys)
            try peer.sayHello("right")
            #expect(try peer.awaitReject().rejection == .nameNotOfKey)
        }
        try site.startWorker("right")
        #expect(try await outcome.summary.isComplete)
    }

    @Test("a session and its leases belong to the key that they were given to")
    func stolenSession() async throws {
        let (keys, others) = (try site.add("left"), try site.add("thief"))
        let coordinator = try site.site.coordinator(Site.plan(batches: 1, workers: 1), site.store, site.options)
        async let outcome = onThread { try coordinator.run() }
        try await onThread { [site] in
            let peer = try site.peer(keys)
            try peer.join("left")
            let job = try peer.awaitJob()
            let thief = try site.peer(others)
            thief.session = peer.session
            let completed = LightRunner.output(of: job)
            try thief.send(.result(ShardResult(lease: job.lease, outcome: .completed(completed))))
            #expect(try thief.awaitReject().rejection == .unknownWorker)
            try thief.send(.goodbye(Goodbye(reason: "")))
            #expect(try thief.awaitReject().rejection == .unknownWorker)
            #expect(try site.store.results(of: "night").isEmpty)
            try peer.send(.heartbeat(Heartbeat()))
            try peer.await { if case .heartbeat = $0.body { true } else { nil } }
            try peer.send(.goodbye(Goodbye(reason: "enough")))
        }
        try site.startWorker("left")
        #expect(try await outcome.summary.isComplete)
    }

    @Test("keys that others may read are refused before anything is listened at")
    func insecure() async throws {
        try site.add("left")
        #expect(chmod(site.keys.path + "/nodes/left.key", 0o644) == 0)
        let coordinator = try site.site.coordinator(Site.plan(), site.store, site.options)
        let error = await #expect(throws: KeyError.self) { try await onThread { try coordinator.run() } }
        #expect(error?.code == .insecure)
    }

    @Test("a coordinator that lets an unknown key in refuses to serve")
    func selfCheck() async throws {
        for admitsAll in [true, false] {
            let error = try await onThread { () -> CoordinatorError? in
                let context = try Context()
                let keys = try CurveKeyPair()
                var options = SocketOptions()
                options.security = .server(keys, try Authenticator(in: context, domain: "test") { _ in admitsAll })
                let socket = try Socket(.router, in: context, options: options)
                let endpoint = try socket.bind("tcp://0.0.0.0:*")
                do {
                    try AuthenticationCheck.requireRefusal(endpoint, serverKey: keys.publicKey, in: context)
                    return nil
                } catch let error as CoordinatorError { return error }
            }
            #expect(error?.code == (admitsAll ? .unknownKeyAccepted : nil))
            #expect((error?.message.contains("was let in") ?? false) == admitsAll)
        }
    }

    @Test("a peer that never ends its message is cut, and the run goes on")
    func endlessMessage() async throws {
        let (usual, endpointFile) = site.site.optionsForTCP()
        var options = usual
        options.pendingBytes = 16 << 20
        let coordinator = try site.site.coordinator(Site.plan(batches: 1, workers: 1), site.store, options)
        async let outcome = onThread { try coordinator.run() }
        let endpoint = try await Site.endpoint(in: endpointFile)
        try await onThread { [site] in
            let hostile = try #require(EndlessPeer(endpoint, frameBytes: 1 << 20))
            try hostile.sendUntilCut()
            #expect(!hostile.send(atMost: 1))
            let peer = try RawPeer(connectingTo: endpoint, site.site.context)
            try peer.join("honest")
            for _ in 0..<2 {
                let job = try peer.awaitJob()
                let completed = LightRunner.output(of: job)
                try peer.send(
                    .result(ShardResult(lease: job.lease, outcome: .completed(completed))))
            }
        }
        #expect(try await outcome.summary.isComplete)
    }
}
