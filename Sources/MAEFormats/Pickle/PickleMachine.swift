/// What answers the persistent ids of a pickle: the storages that lie outside it.
protocol PersistentObjects {
    /// The object that a persistent id stands for.
    ///
    /// `identifier` is what the pickle names it by; make objects in the machine's heap.
    mutating func resolve(
        _ identifier: PickleSlot, for machine: inout PickleMachine
    ) throws(CheckpointError) -> PickleSlot
}

/// The virtual machine of pickle, which executes nothing.
///
/// It runs protocols 0 to 5 after CPython's `Lib/pickle.py`, with classes, functions and calls kept as symbols. Every
/// number read from the file is checked, and what all of them together may cost is limited by a ``PickleBudget``.
struct PickleMachine {
    /// The highest protocol there is.
    static let highestProtocol = 5
    /// Most findings that are listed; a file can have one for each of its entries.
    static let listedFindings = 32

    var cursor: PickleCursor
    var heap: PickleHeap
    var findings: [CheckpointFinding] = []
    /// Elements of a container are read here and dropped when they are in it.
    private(set) var stack: [PickleSlot] = []
    private var marks: [Int] = []
    private var memo = PickleMemo()
    /// Most slots and marks there were at a time: what the stack took room for.
    private var stackRoom = 0
    /// Which of the names in ``heap`` are of functions that are understood: told once, for names that are called often.
    var functions: [KnownFunction?] = []
    private var budget: PickleBudget

    /// A machine for the pickle that begins at byte `start`.
    init(_ bytes: ByteView, from start: Int, file: CheckpointLocation, budget: PickleBudget) {
        cursor = PickleCursor(bytes, from: start, file: file)
        heap = PickleHeap(of: bytes)
        self.budget = budget
    }

    /// Runs to STOP and returns the object on top of the stack.
    mutating func run(_ objects: inout some PersistentObjects) throws(CheckpointError) -> PickleSlot {
        while true {
            let opcode = try cursor.opcode()
            switch opcode {
            case .stop:
                guard marks.isEmpty, stack.count == 1 else {
                    throw cursor.malformed("STOP with \(marks.count) open marks and \(stack.count) objects.")
                }
                return try pop()
            case .persistentID:
                try push(try objects.resolve(try makeString(try line()), for: &self))
            case .binPersistentID:
                try push(try objects.resolve(try pop(), for: &self))
            default:
                try execute(opcode)
            }
        }
    }

    private mutating func execute(_ opcode: PickleOpcode) throws(CheckpointError) {
        switch opcode {
        case .stop, .persistentID, .binPersistentID: preconditionFailure("run() handles \(opcode)")
        case .proto:
            let version: UInt8 = try cursor.number()
            guard version <= Self.highestProtocol else {
                throw CheckpointError(
                    .unsupportedFormat, at: cursor.location,
                    "pickle protocol \(version); save with protocol \(Self.highestProtocol) or below.")
            }
        case .frame: try cursor.beginFrame(try cursor.length(UInt64.self))

        case .mark:
            marks.append(stack.count)
            try takeStackRoom()
        case .pop:
            if stack.count == marks.last { marks.removeLast() } else { _ = try pop() }
        case .popMark: drop(from: try popMark())
        case .duplicate: try push(try top())

        case .get: try recall(try lineIndex())
        case .binGet: try recall(UInt32(try cursor.number() as UInt8))
        case .longBinGet: try recall(try cursor.number())
        case .put: try memoize(try lineIndex())
        case .binPut: try memoize(UInt32(try cursor.number() as UInt8))
        case .longBinPut: try memoize(try cursor.number())
        case .memoize: try memoize(memo.next)

        case .none, .newTrue, .newFalse, .int, .binInt, .binInt1, .binInt2, .long, .long1, .long4, .float, .binFloat:
            try pushNumber(opcode)
        case .string, .binString, .shortBinString, .unicode, .shortBinUnicode, .binUnicode, .binUnicode8,
            .shortBinBytes,
            .binBytes, .binBytes8, .byteArray8, .nextBuffer, .readOnlyBuffer:
            try pushText(opcode)
        case .emptyTuple, .tuple, .tuple1, .tuple2, .tuple3, .emptyList, .list, .append, .appends, .emptyDictionary,
            .dictionary, .setItem, .setItems, .emptySet, .addItems, .frozenSet:
            try executeContainerOpcode(opcode)
        case .global, .stackGlobal, .reduce, .build, .instance, .object, .newObject, .newObjectEx, .extension1,
            .extension2, .extension4:
            try executeObjectOpcode(opcode)
        }
    }
}

// MARK: - Stack, memo and budget

extension PickleMachine {
    mutating func push(_ slot: PickleSlot) throws(CheckpointError) {
        stack.append(slot)
        try takeStackRoom()
    }

    /// Takes a step, and memory where the stack is higher than ever before.
    private mutating func takeStackRoom() throws(CheckpointError) {
        try takeSteps(1)
        guard stack.count + marks.count > stackRoom else { return }
        stackRoom += 1
        try takeMemory(PickleCost.slot)
    }

    /// Takes the top of the stack, which must lie above the last mark.
    mutating func pop() throws(CheckpointError) -> PickleSlot {
        let top = try top()
        stack.removeLast()
        return top
    }

    /// The top of the stack, which stays there and must lie above the last mark.
    func top() throws(CheckpointError) -> PickleSlot { stack[try start(ofTopmost: 1)] }

    /// Where the `count` topmost slots begin, all of which must lie above the last mark.
    func start(ofTopmost count: Int) throws(CheckpointError) -> Int {
        let start = stack.count - count
        guard start >= marks.last ?? 0 else {
            throw cursor.malformed("The stack is empty where an object is needed.")
        }
        return start
    }

    /// Takes the last mark, and returns where the slots above it begin; they stay until they are dropped.
    mutating func popMark() throws(CheckpointError) -> Int {
        guard let mark = marks.popLast() else { throw cursor.malformed("There is no mark.") }
        return mark
    }

    /// Takes off the slots from `start` on.
    mutating func drop(from start: Int) { stack.removeLast(stack.count - start) }

    /// The slot below `start`, which must lie above the last mark.
    func slot(below start: Int) throws(CheckpointError) -> PickleSlot {
        stack[try self.start(ofTopmost: stack.count - start + 1)]
    }

    private mutating func recall(_ index: UInt32) throws(CheckpointError) {
        guard let slot = memo[index] else { throw cursor.malformed("Nothing was stored under memo number \(index).") }
        try push(slot)
    }

    private mutating func memoize(_ index: UInt32) throws(CheckpointError) {
        let top = try top()
        try takeSteps(1)
        let isNew = memo[index] == nil
        let room = memo.room
        memo[index] = top
        guard isNew else { return }
        try takeMemory(memo.room > room ? (memo.room - room) * PickleCost.slot : PickleCost.sparseSlot)
    }

    private mutating func lineIndex() throws(CheckpointError) -> UInt32 {
        let line = String(decoding: try line(), as: UTF8.self)
        guard let index = UInt32(line) else { throw cursor.malformed("'\(line)' is no memo number.") }
        return index
    }

    /// Takes steps from the budget of this pickle.
    mutating func takeSteps(_ count: Int) throws(CheckpointError) {
        budget.steps -= count
        if budget.steps < 0 { throw overBudget }
    }

    /// Takes bytes of memory from the budget of this pickle.
    mutating func takeMemory(_ count: Int) throws(CheckpointError) {
        budget.memory -= count
        if budget.memory < 0 { throw overBudget }
    }

    /// The bytes up to the next newline, without it, and the memory that a text of them takes.
    mutating func line() throws(CheckpointError) -> [UInt8] {
        let line = try cursor.line()
        try takeMemory(PickleCost.text(line.count))
        return line.bytes
    }

    private var overBudget: CheckpointError {
        CheckpointError(
            .overBudget, at: cursor.location,
            "the pickle makes more objects, elements or text than a file of its size can need; it is damaged or hostile."
        )
    }

    /// Whether another note is listed: messages need not be made where none is.
    var listsFindings: Bool { findings.count < Self.listedFindings }

    /// Notes something odd at the opcode that is being carried out.
    mutating func note(_ message: String) {
        guard listsFindings else { return }
        findings.append(CheckpointFinding(at: cursor.location, message))
    }
}
