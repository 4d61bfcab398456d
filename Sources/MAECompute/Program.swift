/// Names one fp32 matrix that a program reads or writes.
public struct BufferID: Sendable, Hashable {
    /// Position in ``Program/buffers``.
    public let index: Int
}

/// Names one table of patch indices that is given at each run.
public struct IndexTableID: Sendable, Hashable {
    /// Position in ``Program/indexTables``.
    public let index: Int
}

/// Extent of a row-major fp32 matrix.
public struct MatrixShape: Sendable, Hashable {
    /// Number of rows.
    public let rows: Int
    /// Number of elements a row.
    public let columns: Int

    /// A shape of `rows` × `columns`.
    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }

    /// Number of elements.
    public var count: Int { rows * columns }
}

/// A place in a program where a buffer can be looked at, such as the output of a block.
public struct Tap: Sendable, Hashable {
    /// What the buffer holds there, in the words of the model: `vit.encoder.layer.3`.
    public let name: String
    /// The buffer.
    public let buffer: BufferID
    /// Number of operations carried out before the look.
    public let position: Int

    /// The same look, counted in a program that has so many more operations before.
    package func moved(by operations: Int) -> Tap {
        Tap(name: name, buffer: buffer, position: position + operations)
    }
}

/// A straight list of operations over matrices: one forward pass for one batch size and token count.
///
/// A program has no branches and no data-dependent shapes, so a backend can plan its memory, pack, fuse and record
/// commands once and run it many times. What each operation computes, bit for bit, is defined by ``ReferenceBackend``.
public struct Program: Sendable {
    /// Shapes of all buffers.
    public private(set) var buffers: [MatrixShape] = []
    /// Element counts of all index tables.
    public private(set) var indexTables: [Int] = []
    /// Buffers the caller fills before each run.
    public private(set) var inputs: [BufferID] = []
    /// Buffers the caller reads after each run.
    public private(set) var outputs: [BufferID] = []
    /// Shapes of the tensors that the caller gets for ``outputs``.
    public private(set) var outputShapes: [[Int]] = []
    /// The operations, in order.
    public private(set) var operations: [Operation] = []
    /// Places to look at, by ascending position.
    public private(set) var taps: [Tap] = []
    /// What ``places`` are where they don't follow from ``taps``.
    private(set) var placesOfWhole: [OperationPlace]?

    /// An empty program.
    public init() {}

    /// Declares a buffer that the caller fills before each run.
    public mutating func input(_ shape: MatrixShape) -> BufferID {
        let buffer = self.buffer(shape)
        inputs.append(buffer)
        return buffer
    }

    /// Declares a buffer for values between operations; its first use must be as an output of one.
    public mutating func buffer(_ shape: MatrixShape) -> BufferID {
        precondition(shape.rows >= 0 && shape.columns >= 0, "a matrix has no negative extent")
        buffers.append(shape)
        return BufferID(index: buffers.count - 1)
    }

    /// Declares a table of `count` patch indices that the caller gives before each run.
    public mutating func indexTable(count: Int) -> IndexTableID {
        indexTables.append(count)
        return IndexTableID(index: indexTables.count - 1)
    }

    /// Appends an operation.
    ///
    /// Shapes that do not fit are errors of the model code and trap.
    public mutating func append(_ operation: Operation) {
        operation.checkShapes(in: self)
        placesOfWhole = nil
        operations.append(operation)
    }

    /// Marks a buffer as readable after each run, as a tensor of `shape`; (rows, columns) when left out.
    public mutating func output(_ buffer: BufferID, as shape: [Int]? = nil) {
        let matrix = self[buffer]
        let shape = shape ?? [matrix.rows, matrix.columns]
        precondition(shape.reduce(1, *) == matrix.count, "shape \(shape) does not hold \(matrix.count) elements")
        outputs.append(buffer)
        outputShapes.append(shape)
    }

    /// Lets observers look at `buffer` as it is after the operations appended so far.
    public mutating func tap(_ name: String, _ buffer: BufferID) {
        taps.append(Tap(name: name, buffer: buffer, position: operations.count))
    }

    /// The same operations, each in the place that it has now, with other places to look at, by ascending position.
    package func replacingTaps(_ taps: [Tap]) -> Program {
        var program = placed(at: places)
        program.taps = taps
        return program
    }

    /// The same operations with other words for where each of them stands.
    func placed(at places: [OperationPlace]) -> Program {
        precondition(places.count == operations.count, "a place for each operation")
        var program = self
        program.placesOfWhole = places
        return program
    }

    /// The same program with some operations exchanged for others on the same buffers.
    package func replacingOperations(_ change: (_ index: Int, _ operation: Operation) -> Operation) -> Program {
        var program = placed(at: places)
        program.operations = operations.enumerated().map(change)
        for operation in program.operations { operation.checkShapes(in: program) }
        return program
    }

    /// The shape of a buffer of this program.
    public subscript(_ buffer: BufferID) -> MatrixShape { buffers[buffer.index] }

    /// Element count of an index table of this program.
    public subscript(_ table: IndexTableID) -> Int { indexTables[table.index] }
}
