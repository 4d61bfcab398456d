import MAEFormats
import MAETensor

/// Reads parameters from their files piece after piece, several in turns, whose digests are taken together.
///
/// A piece is read from the file and used for everything (checksum, packing, digest) while it is in a near cache, whatever the
/// size of the parameter. Parameters that are stored in another form than plain fp32 are read whole.
final class PieceReader {
    /// Rows of a piece, or a multiple: whole vectors of every instruction set, and whole blocks of SHA-256, when they are packed.
    private static let rowsOfPiece = 16
    /// Bytes up to which a piece takes more rows: far fewer make the system calls count.
    private static let leastBytes = 48 << 10
    /// Most bytes of a piece; a parameter of wider rows is read whole.
    private static let mostBytes = 1 << 20

    private let reading: WeightReading
    private var digests: SHA256Lanes
    private var parts: [Part?]
    private var buffers: [UnsafeMutableRawBufferPointer]

    /// A reader of so many parameters at once.
    init(lanes: Int, _ reading: WeightReading) {
        self.reading = reading
        digests = SHA256Lanes(count: lanes)
        parts = Array(repeating: nil, count: lanes)
        buffers = Array(repeating: UnsafeMutableRawBufferPointer(start: nil, count: 0), count: lanes)
    }

    deinit { for buffer in buffers { buffer.deallocate() } }

    /// Carries out deliveries until `next` gives none.
    func run(_ next: () -> (PieceDelivery, CheckpointTensor)?) {
        for lane in parts.indices { start(lane, next) }
        var contents = [UnsafeRawPointer?](repeating: nil, count: parts.count)
        while let blockCount = parts.lazy.compactMap({ $0?.blockCount }).min() {
            for lane in parts.indices {
                contents[lane] = parts[lane].flatMap { part in
                    UnsafeRawPointer(buffers[lane].baseAddress).map { $0 + part.unhashed.lowerBound }
                }
            }
            digests.update(contents, blockCount: blockCount)
            for lane in parts.indices where parts[lane] != nil {
                parts[lane]?.hashed(blockCount)
                proceed(lane, next)
            }
        }
    }

    /// Starts the next delivery in a lane that is free; what cannot be read in pieces is read whole before.
    private func start(_ lane: Int, _ next: () -> (PieceDelivery, CheckpointTensor)?) {
        while let (delivery, stored) = next() {
            guard let pieceSize = Self.pieceSize(of: stored) else {
                readWhole(delivery, stored)
                continue
            }
            do {
                var part = Part(delivery: delivery, stored: stored, pieceSize: pieceSize)
                part.checksum = try startedChecksum(of: stored)
                digests.start(lane)
                if buffers[lane].count < pieceSize {
                    buffers[lane].deallocate()
                    buffers[lane] = .allocate(byteCount: pieceSize, alignment: TensorStorage.alignment)
                }
                part.readPiece(into: buffers[lane])
                parts[lane] = part
                return
            } catch {
                delivery.end(reading.cause(of: error))
            }
        }
    }

    /// Goes on with a lane whose piece is hashed but for what is less than a block: reads the next one, or ends.
    private func proceed(_ lane: Int, _ next: () -> (PieceDelivery, CheckpointTensor)?) {
        guard let part = parts[lane], part.blockCount == 0 else { return }
        guard part.isRead else {
            parts[lane]?.readPiece(into: buffers[lane])
            return
        }
        parts[lane] = nil
        let digest = digests.finish(lane, end: UnsafeRawBufferPointer(rebasing: buffers[lane][part.unhashed]))
        do {
            try part.checksum?.finish()
            try reading.note(part.entry(digest))
            part.delivery.end(nil)
        } catch {
            part.delivery.end(reading.cause(of: error))
        }
        start(lane, next)
    }

    private func readWhole(_ delivery: PieceDelivery, _ stored: CheckpointTensor) {
        do {
            try reading.read(delivery.name, stored) { tensor in tensor.withUnsafeElements { delivery.take($0, 0) } }
            delivery.end(nil)
        } catch {
            delivery.end(error)
        }
    }

    /// The checksum to be taken of what is read, after verifying the record at once where it holds more than this parameter.
    private func startedChecksum(of stored: CheckpointTensor) throws(CheckpointError) -> RunningChecksum? {
        if let checksum = reading.checksums.running(over: stored.elementBytes) { return checksum }
        defer { stored.relinquish() }
        try reading.checksums.verifyRecord(at: stored.storage.bytes.baseAddress)
        return nil
    }

    /// Bytes of a piece: whole rows and whole blocks, or all there are; nil for what is not read in pieces.
    private static func pieceSize(of stored: CheckpointTensor) -> Int? {
        guard stored.dtype == .float32, stored.isContiguous, stored.masks.isEmpty, stored.count > 0 else { return nil }
        let rowSize = stored.byteCount / (stored.shape.first ?? 1)
        let (least, overflow) = rowSize.multipliedReportingOverflow(by: rowsOfPiece)
        let size = overflow ? stored.byteCount : min(stored.byteCount, max(1, leastBytes / least) * least)
        return size <= mostBytes ? size : nil
    }
}

/// One parameter that is being read.
private struct Part {
    let delivery: PieceDelivery
    let stored: CheckpointTensor
    let pieceSize: Int
    /// The checksum of what was read so far; nil where none is to be taken.
    var checksum: RunningChecksum?
    /// The bytes of the buffer that the digest has not taken.
    private(set) var unhashed = 0..<0
    private var byteCount = 0
    private var nonFiniteCount = 0
    private var isZero = true

    init(delivery: PieceDelivery, stored: CheckpointTensor, pieceSize: Int) {
        self.delivery = delivery
        self.stored = stored
        self.pieceSize = pieceSize
    }

    /// Whole blocks that the digest has not taken.
    var blockCount: Int { unhashed.count / SHA256Lanes.blockSize }

    /// Whether all pieces were read.
    var isRead: Bool { byteCount == stored.byteCount }

    /// Notes that the digest has taken blocks.
    mutating func hashed(_ blockCount: Int) {
        unhashed = unhashed.lowerBound + blockCount * SHA256Lanes.blockSize..<unhashed.upperBound
    }

    /// Reads the next piece, hands it over, and makes of it what the digest is taken over.
    mutating func readPiece(into buffer: UnsafeMutableRawBufferPointer) {
        let count = min(pieceSize, stored.byteCount - byteCount)
        let start = stored.byteOffset + byteCount
        stored.storage.copy(start..<start + count, to: buffer)
        let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        checksum?.update(UnsafeRawBufferPointer(piece))
        let elements = piece.bindMemory(to: Float.self)
        delivery.take(UnsafeBufferPointer(elements), byteCount / MemoryLayout<Float>.stride)
        // The first element that is no zero ends the search.
        isZero = isZero && elements.allSatisfy { $0 == 0 }
        nonFiniteCount += Tensor.canonicalize(elements)
        byteCount += count
        unhashed = 0..<count
    }

    /// What is known when all was read.
    func entry(_ digest: SHA256Digest) -> WeightsFingerprints.Entry {
        WeightsFingerprints.Entry(
            name: delivery.name, shape: stored.shape, sha256: digest, nonFiniteCount: nonFiniteCount, isZero: isZero)
    }
}
