import MAECluster
import MAETensor
import MAEWire
import Testing

@testable import MAECoordinator

@Suite("Whose chunk goes out next")
struct ChunkQueueTests {
    private let file = SHA256Digest(of: [1])

    private func request(_ index: Int) -> ChunkRequest { ChunkRequest(file: file, index: index) }

    private func peer(_ number: UInt8) -> Peer { Peer(route: [number], identity: [number]) }

    @Test("those who ask take turns, whoever asked first and for how much")
    func turns() {
        var queue = ChunkQueue()
        for index in 0..<3 { queue.add(request(index), from: peer(1)) }
        for index in 0..<2 { queue.add(request(index), from: peer(2)) }
        queue.add(request(7), from: peer(3))
        var order: [[Int]] = []
        while let next = queue.next() { order.append([Int(next.peer.route[0]), next.request.index]) }
        #expect(order == [[1, 0], [2, 0], [3, 7], [1, 1], [2, 1], [1, 2]])
        #expect(queue.count == 0 && !queue.isReady)
    }

    @Test("what is asked for again while it waits or is on its way goes out once, and again after that")
    func repetition() throws {
        var queue = ChunkQueue()
        for _ in 0..<3 { queue.add(request(0), from: peer(1)) }
        let next = queue.next()
        let first = try #require(next)
        queue.add(request(0), from: peer(1))
        #expect(queue.next() == nil)
        queue.finish(first.request, of: first.peer)
        queue.add(request(0), from: peer(1))
        #expect(queue.next()?.request == request(0))
    }

    @Test("a worker that takes nothing gets no more than its share, and goes on when it does")
    func slowPeer() {
        var queue = ChunkQueue()
        for index in 0..<20 { queue.add(request(index), from: peer(1)) }
        var sent: [ChunkRequest] = []
        while let next = queue.next() { sent.append(next.request) }
        #expect(sent.count == ChunkQueue.chunksPerPeer && !queue.isReady)
        queue.add(request(0), from: peer(2))
        #expect(queue.next()?.peer == peer(2))
        queue.finish(sent[0], of: peer(1))
        #expect(queue.next()?.request.index == ChunkQueue.chunksPerPeer)
    }

    @Test("there is a limit for one and for all, and who is shut out leaves nothing behind")
    func limits() {
        var queue = ChunkQueue()
        for index in 0..<100 { queue.add(request(index), from: peer(1)) }
        #expect(queue.count == ChunkQueue.requestsPerPeer)
        queue.drop([1])
        #expect(queue.count == 0 && queue.next() == nil)
        for number in 0..<1000 {
            let many = Peer(route: [UInt8(number & 255), UInt8(number >> 8)])
            for index in 0..<ChunkQueue.requestsPerPeer { queue.add(request(index), from: many) }
        }
        #expect(queue.count == ChunkQueue.mostRequests)
    }
}
