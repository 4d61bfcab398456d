import Foundation
import Glibc
import MAEKeys
import ProcessTestSupport
import TestSupport
import Testing
import ZeroMQ

/// What peers make a real coordinator hold, by what the system tells of its memory.
@Suite("Memory that a peer makes mae-coord hold", .serialized)
struct HeldMemoryTests {
    /// What docs/security.md promises, in addition to what the coordinator holds without any peer.
    private static let budget = 256 << 20

    /// Lets `attack` happen, with the endpoint, and returns by how much the coordinator's memory grew at most.
    private func growth(_ site: VerifySite, _ attack: @escaping @Sendable (String) throws -> Void) async throws -> Int {
        let before = try #require(site.coordinator.memory("VmRSS"))
        let endpoint = site.endpoint
        try await onThread { try attack(endpoint) }
        let peak = try #require(site.coordinator.memory("VmHWM"))
        #expect(site.coordinator.isRunning)
        site.coordinator.send(signal: SIGTERM)
        _ = try await site.coordinator.result()
        return peak - before
    }

    @Test("without keys: small frames without end, large ones, over many connections at a time")
    func open() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods)
        let growth = try await growth(site) { endpoint in
            for frame in [[1, 0], [1, 34] + [UInt8](repeating: 0, count: 34)] as [[UInt8]] {
                for _ in 0..<4 {
                    let peers = try (0..<8).map { _ in try #require(EndlessPeer(endpoint, repeating: frame)) }
                    try sendUntilCut(peers)
                }
            }
            for _ in 0..<4 {
                let peers = try (0..<8).map { _ in try #require(EndlessPeer(endpoint, frameBytes: 1 << 20)) }
                try sendUntilCut(peers)
            }
        }
        #expect(growth < Self.budget, "\(growth >> 20) MiB")
    }

    @Test("with keys: a message of a million frames, before and after a first one that is whole")
    func keys() async throws {
        let folder = try TemporaryDirectory()
        for arguments in [["init"], ["add", "left"]] {
            #expect(try await Program.coordinator.run(["keys"] + arguments, in: folder.path).exitCode == 0)
        }
        let site = try await VerifySite(VerifySite.goldenMethods + ["--secure"], folder: folder)
        let keys = try NodeKeys(file: folder.file("left.key"))
        let growth = try await growth(site) { endpoint in
            for isKnown in [false, true, true] {
                let context = try Context()
                var options = SocketOptions()
                options.security = .client(keys.pair, serverKey: keys.coordinatorKey)
                options.linger = .zero
                let socket = try Socket(.dealer, in: context, options: options)
                let monitor = try SocketMonitor(of: socket)
                try socket.connect(endpoint)
                if isKnown { _ = try socket.send(Message([[1]])) }
                _ = try socket.send(Message([[UInt8]](repeating: [], count: 3_000_000)))
                try blockUntil("the connection is cut") {
                    while let event = try monitor.next() {
                        switch event {
                        case .disconnected, .refused: return true
                        default: break
                        }
                    }
                    return false
                }
            }
        }
        #expect(growth < Self.budget, "\(growth >> 20) MiB")
    }

    @Test("a worker, from a coordinator that sends it messages of millions of frames")
    func worker() async throws {
        try await onThread {
            var options = SocketOptions()
            options.linger = .zero
            let socket = try Socket(.router, in: Context(), options: options)
            let endpoint = try socket.bind("tcp://127.0.0.1:*")
            let worker = try Program.worker.start(["--connect", endpoint, "--name", "left", "--threads", "1"])
            var routes: [[UInt8]] = []
            func awaitNew() throws {
                try blockUntil("the worker connects") {
                    while let route = try socket.receive()?.frames.first {
                        if !routes.contains(route) {
                            routes.append(route)
                            return true
                        }
                    }
                    return false
                }
            }
            try awaitNew()
            let before = try #require(worker.memory("VmRSS"))
            for _ in 0..<3 {
                let route = try #require(routes.last)
                _ = try socket.send(Message([route] + [[UInt8]](repeating: [], count: 3_000_000)))
                try awaitNew()
            }
            let growth = try #require(worker.memory("VmHWM")) - before
            #expect(growth < Self.budget / 2, "\(growth >> 20) MiB")
            worker.send(signal: SIGKILL)
        }
    }
}

/// Lets all of them send in turn until each is cut.
private func sendUntilCut(_ peers: [EndlessPeer]) throws {
    var left = peers
    try blockUntil("all connections are cut", every: .zero) {
        left.removeAll { !$0.send(atMost: 1 << 20) }
        return left.isEmpty
    }
}

private func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { done in
        Thread.detachNewThread { done.resume(with: Result(catching: body)) }
    }
}
