import Logging
import MAECluster
import MAEDomain
import MAEContent
import MAETensor
import MAEWire
import ZeroMQ

/// Answers what workers ask about files, a few chunks at a time.
///
/// A chunk is read when there is memory for it, and its memory is used again when its bytes have left: so a slow worker slows
/// down itself only, and memory does not grow with the number of workers.
struct ContentServer {
    private enum Limit {
        /// Chunks in memory, for all workers.
        static let chunksInFlight = 64
        /// Answers that are no chunks and wait for the next turn.
        static let answers = 1 << 14
        /// Chunks sent before other messages have their turn.
        static let chunksPerTurn = 8
        /// How often a peer may fetch everything that is offered before its requests count as more than its share.
        static let fetches = 4
    }

    private enum Answer {
        case manifest(EncodedManifest)
        case refusal(String)
    }

    private var offer: ContentOffer
    private let log: Logger
    private let returned: Mailbox<ChunkBuffer.Returned>
    private var free: [ChunkMemory] = []
    /// Chunks whose memory is not back yet.
    private(set) var inFlight = 0
    /// Bytes of all chunks that were sent.
    private(set) var sentBytes = 0
    private var queue = ChunkQueue()
    /// Chunks that were sent, by the account of the peer, and all that are offered.
    private var sentChunks: [[UInt8]: Int] = [:]
    private let offeredChunks: Int
    /// Identities that were sent chunks which they cannot have had yet.
    private var fetching: Set<[UInt8]> = []
    private var answers: [(answer: Answer, peer: Peer)] = []

    init(_ offer: ContentOffer, _ log: Logger) throws {
        self.offer = offer
        self.log = log
        offeredChunks = offer.files.values.reduce(0) { $0 + $1.content.chunks.count }
        returned = try Mailbox()
    }

    /// Becomes readable when ``serve(_:)`` can go on.
    var descriptor: CInt { returned.wakeUp.descriptor }

    /// Requests that wait.
    var waiting: Int { queue.count }

    /// Whether a request is one for a chunk that its sender may need: one that is offered, that it does not wait for already, and
    /// not more of them than a node needs that is started again a few times.
    func isNeeded(_ request: ChunkRequest, by peer: Peer) -> Bool {
        offer.files[request.file]?.content.chunks.indices.contains(request.index) == true
            && queue.takes(request, from: peer)
            && sentChunks[peer.account, default: 0] < Limit.fetches * offeredChunks
    }

    /// Removes and returns the identities of peers that have fetched a part more of the files since the last call.
    mutating func takeFetching() -> Set<[UInt8]> {
        defer { fetching = [] }
        return fetching
    }

    /// Takes in a question for a manifest.
    mutating func answer(_ request: ManifestRequest, _ peer: Peer) {
        if let manifest = offer.manifests[request.digest] {
            answer(.manifest(manifest), peer)
        } else {
            answer(.refusal("no checkpoint \(request.digest) is offered here: start the run again"), peer)
        }
    }

    /// Takes in a request for a chunk.
    mutating func queue(_ request: ChunkRequest, _ peer: Peer) {
        guard let entry = offer.files[request.file], entry.content.chunks.indices.contains(request.index) else {
            return answer(
                .refusal(
                    "no chunk \(request.index) of a file \(request.file) is offered here: start the run again"), peer)
        }
        queue.add(request, from: peer)
    }

    /// Forgets what all peers with an identity have asked for.
    mutating func drop(_ identity: [UInt8]) {
        queue.drop(identity)
        answers.removeAll { $0.peer.identity == identity }
    }

    /// Sends what there is memory and time for.
    mutating func serve(_ transport: any CoordinatorTransport) throws {
        for (request, peer, memory) in returned.takeAll() {
            free.append(memory)
            inFlight -= 1
            queue.finish(request, of: peer)
        }
        for (answer, peer) in answers {
            switch answer {
            case .manifest(let manifest): _ = try transport.send(Message([peer.route]), last: manifest)
            case .refusal(let text):
                let body = Envelope.Body.reject(Reject(.contentNotHeld, text: text))
                let frames = try Envelope(session: nil, incarnation: nil, body).frames()
                _ = try transport.send(Message([peer.route] + frames), last: nil)
            }
        }
        answers = []
        for _ in 0..<Limit.chunksPerTurn {
            guard inFlight < Limit.chunksInFlight, let (request, peer) = queue.next() else { return }
            try send(request, to: peer, transport)
        }
        // What was left for want of time goes on after a look at the other messages.
        if queue.isReady { returned.wakeUp.signal() }
    }

    private mutating func send(
        _ request: ChunkRequest, to peer: Peer, _ transport: any CoordinatorTransport
    ) throws {
        guard let (content, file) = offer.files[request.file] else {
            queue.finish(request, of: peer)
            return answer(
                .refusal("the file \(request.file) is no longer offered here: start the run again"), peer)
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
            queue.finish(request, of: peer)
            return answer(.refusal("\(error)"), peer)
        }
        let header = try Envelope(
            session: nil, incarnation: nil, .chunk(Chunk(file: request.file, index: request.index))
        ).header()
        inFlight += 1
        sentBytes += range.count
        let sent = sentChunks[peer.account, default: 0] + 1
        sentChunks[peer.account] = sent
        // Of more chunks than there are, some were sent before.
        if sent <= offeredChunks { fetching.insert(peer.identity) }
        // A peer that has gone, or takes nothing more, gets nothing: the memory comes back either way.
        _ = try transport.send(
            Message([peer.route, header]),
            last: ChunkBuffer(memory, count: range.count, for: request, of: peer, returningTo: returned))
    }

    private mutating func answer(_ answer: Answer, _ peer: Peer) {
        guard answers.count < Limit.answers else { return }
        answers.append((answer, peer))
        // Those that come up while chunks are sent go with the next turn.
        returned.wakeUp.signal()
    }
}
