import Logging
import MAECluster
import MAEContent
import MAETensor
import MAEWire
import ZeroMQ

/// Answers what workers ask about files, a few chunks at a time.
///
/// A chunk is read when there is memory for it, and its memory is used again when its bytes have left: so a slow worker slows
/// down nobody but itself, and memory does not grow with the number of workers.
struct ContentServer {
    private enum Limit {
        /// Chunks in memory, for all workers and for one.
        static let chunksInFlight = 64
        static let chunksPerPeer = 4
        /// Requests that wait, of all workers and of one; a worker asks again for what was dropped.
        static let requests = 1 << 14
        static let requestsPerPeer = 32
        /// Chunks sent before other messages have their turn.
        static let chunksPerTurn = 8
    }

    private var offer: ContentOffer
    private let log: Logger
    private let returned: Mailbox<ChunkBuffer.Returned>
    private var free: [ChunkMemory] = []
    /// Chunks whose memory is not back yet.
    private(set) var inFlight = 0
    /// Bytes of all chunks that were sent.
    private(set) var sentBytes = 0
    private var load: [Peer: (waiting: Int, inFlight: Int)] = [:]
    private var requests: [(request: ChunkRequest, peer: Peer)] = []
    private var answers: [(body: Envelope.Body, peer: Peer)] = []

    init(_ offer: ContentOffer, _ log: Logger) throws {
        self.offer = offer
        self.log = log
        returned = try Mailbox()
    }

    /// Becomes readable when ``serve(_:)`` can go on.
    var descriptor: CInt { returned.wakeUp.descriptor }

    /// Requests that wait.
    var waiting: Int { requests.count }

    /// Takes in a question for a manifest.
    mutating func answer(_ request: ManifestRequest, _ peer: Peer) {
        guard answers.count < Limit.requests else { return }
        if let manifest = offer.manifests[request.digest] {
            answers.append((.manifest(manifest), peer))
        } else {
            refuse("no checkpoint \(request.digest) is offered here: start the run again", peer)
        }
    }

    /// Takes in a request for a chunk.
    mutating func queue(_ request: ChunkRequest, _ peer: Peer) {
        guard let entry = offer.files[request.file], entry.content.chunks.indices.contains(request.index) else {
            refuse("no chunk \(request.index) of a file \(request.file) is offered here: start the run again", peer)
            return
        }
        guard requests.count < Limit.requests, load[peer, default: (0, 0)].waiting < Limit.requestsPerPeer else {
            return
        }
        requests.append((request, peer))
        load[peer, default: (0, 0)].waiting += 1
    }

    /// Forgets what everybody with an identity has asked for.
    mutating func drop(_ identity: [UInt8]) {
        for (_, peer) in requests where peer.identity == identity { note(peer) { $0.waiting -= 1 } }
        requests.removeAll { $0.peer.identity == identity }
        answers.removeAll { $0.peer.identity == identity }
    }

    /// Sends what there is memory and time for.
    mutating func serve(_ socket: Socket) throws {
        for (peer, memory) in returned.takeAll() {
            free.append(memory)
            inFlight -= 1
            note(peer) { $0.inFlight -= 1 }
        }
        for (body, peer) in answers {
            _ = try socket.send(Message([peer.route] + Envelope(session: nil, incarnation: nil, body).frames()))
        }
        answers = []
        var sent = 0
        var later: [(request: ChunkRequest, peer: Peer)] = []
        for (request, peer) in requests {
            guard inFlight < Limit.chunksInFlight, load[peer, default: (0, 0)].inFlight < Limit.chunksPerPeer,
                sent < Limit.chunksPerTurn
            else {
                later.append((request, peer))
                continue
            }
            sent += 1
            note(peer) { $0.waiting -= 1 }
            try send(request, to: peer, socket)
        }
        requests = later
        // What was left for want of time goes on after a look at the other messages.
        if sent == Limit.chunksPerTurn, !later.isEmpty { returned.wakeUp.signal() }
    }

    private mutating func send(_ request: ChunkRequest, to peer: Peer, _ socket: Socket) throws {
        guard let (content, file) = offer.files[request.file] else {
            return refuse("the file \(request.file) is no longer offered here: start the run again", peer)
        }
        let memory = free.popLast() ?? ChunkMemory()
        let range = content.range(ofChunk: request.index)
        do throws(ContentError) {
            try file.read(UnsafeMutableRawBufferPointer(rebasing: memory.buffer[..<range.count]), at: range.lowerBound)
            try file.requireUnchanged()
        } catch {
            log.error("a file is no longer offered: \(error)")
            offer.withdraw(request.file)
            free.append(memory)
            refuse("\(error)", peer)
            returned.wakeUp.signal()
            return
        }
        let header = try Envelope(
            session: nil, incarnation: nil, .chunk(Chunk(file: request.file, index: request.index))
        ).header()
        inFlight += 1
        sentBytes += range.count
        note(peer) { $0.inFlight += 1 }
        // A peer that has gone, or takes nothing more, gets nothing: the memory comes back either way.
        _ = try socket.send(
            Message([peer.route, header]),
            last: ChunkBuffer(memory, count: range.count, to: peer, returningTo: returned))
    }

    private mutating func note(_ peer: Peer, _ change: (inout (waiting: Int, inFlight: Int)) -> Void) {
        change(&load[peer, default: (0, 0)])
        if let now = load[peer], now == (0, 0) { load[peer] = nil }
    }

    private mutating func refuse(_ text: String, _ peer: Peer) {
        answers.append((.reject(Reject(reason: .contentNotHeld, text: text)), peer))
    }
}
