/// What reading one pickle may cost, whatever its bytes say.
///
/// A pickle of a model has some thousand objects, one with a data set or a log inside has millions, and each of them takes
/// bytes of the file. So the limits grow with the file, beyond what every file may have, up to what no file may pass.
package struct PickleBudget: Sendable {
    /// Steps of work: elements put on the stack, into containers and into the memo, looked at or compared.
    package var steps: Int
    /// Bytes of memory for everything that is made, as arrays take them while they grow.
    package var memory: Int

    private static let leastMemory = 64 << 20
    private static let mostMemory = 1 << 30
    private static let leastSteps = 1 << 21
    private static let mostSteps = 1 << 33
    /// A pickle of no more bytes may be packed as tightly as deflate can.
    private static let leastInflatedBytes = 16 << 20

    /// A budget of so much.
    package init(steps: Int, memory: Int) {
        self.steps = steps
        self.memory = memory
    }

    /// What a file of `fileSize` bytes may cost, or any file.
    package init(fileSize: Int = 0) {
        memory = FileBudget.tenfold(fileSize, least: Self.leastMemory, most: Self.mostMemory)
        // Each byte that is an opcode puts an element on the stack, and into a container.
        steps = min(max(Self.leastSteps, fileSize), Self.mostSteps / 2) * 2
    }

    /// Most bytes that the compressed pickle of a file of `fileSize` bytes is inflated to.
    static func inflatedBytes(fileSize: Int) -> Int {
        FileBudget.tenfold(fileSize, least: leastInflatedBytes, most: mostMemory)
    }
}

/// Bytes of memory that the pieces of a heap take: an array that grows has room for twice its elements.
enum PickleCost {
    /// Of a slot on the stack, in the memo or in a container.
    static let slot = room(PickleSlot.self)
    /// Of a block of memory of its own, before its first byte.
    static let block = 48
    /// Of an entry of a dictionary, of few or of many.
    static let entry = room(PickleHeap.Dictionary.Entry.self)
    static let indexedEntry = 32
    /// Of a number of the memo that stands apart from the others.
    static let sparseSlot = 96
    /// Of what searches for a model remember of a container.
    static let container = 32

    /// Of an element of an array that grows.
    static func room<Element>(_ type: Element.Type) -> Int { 2 * MemoryLayout<Element>.stride }

    /// Of an array of so many slots; one that is empty takes no block.
    static func slots(_ count: Int) -> Int { count == 0 ? 0 : block + count * slot }

    /// Of a string or an array of bytes, beyond where it is kept.
    static func text(_ byteCount: Int) -> Int { byteCount <= 15 ? 0 : block + byteCount }

    /// Of a text that stays in the pickle.
    static let shortText = room(PickleSlot.self)

    /// Of a text that became a string, beyond that.
    static func longText(_ byteCount: Int) -> Int { room(String.self) + text(byteCount) }

    /// Of a byte string or a big integer.
    static func bytes(_ count: Int) -> Int { room(PickleSlot.self) + room([UInt8].self) + block + 2 * count }

    /// Of one of the names of a class, element type or device.
    static func name(_ byteCount: Int) -> Int { room(PickleGlobal.self) + text(byteCount) }

    /// Of a tensor, whose elements are elsewhere.
    static func tensor(dimensions: Int) -> Int {
        room(PickleTensor.self) + 4 * block + 2 * dimensions * MemoryLayout<Int>.stride
    }

    /// Of a storage, whose bytes are elsewhere, with its key and device.
    static func storage(textSize: Int) -> Int { room(PickleStorage.self) + 4 * block + 2 * textSize }
}
