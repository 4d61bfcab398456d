import MAECPU

/// A fault as tests plant it, and what an examination down to the bit should find.
package struct FaultCase: Sendable, CustomStringConvertible {
    /// What kind of fault it is, in words.
    package let name: String
    /// What `faulty-worker --fault` is told.
    package let spec: String
    /// The first layer and operation whose output is another, places as `OperationPlace` has them.
    package let layer: String, operation: Int
    /// Where in that output values differ, and how.
    package let pattern: FaultPattern
    /// What becomes of it in the encoder's output.
    package var isSeenInOutput = true
    /// What kind of fault a report says that it looks like; nil where that depends on chance.
    package var hint: String?
    /// What a report says of the places of wrong values.
    package var places: String?
    /// Options of the worker without which the fault isn't there.
    package var options: [String] = []

    package var description: String { name }
}

/// Where the values of a matrix differ from those they should be, and how.
package struct FaultPattern: Sendable, Hashable {
    /// How a value differs.
    package enum Change: Sendable, Hashable {
        /// In this bit alone.
        case bit(Int)
        /// It is no number.
        case notANumber
        /// In any way.
        case any
    }

    /// How values differ.
    package let change: Change
    /// Rows and columns with differences; nil for all.
    package var rows: ClosedRange<Int>?, columns: ClosedRange<Int>?
    /// Columns with differences modulo the count of lanes.
    package var lane: PlantedFault.Lane?
    /// Whether all values at these places differ, rather than some of them.
    package var isFull = true

    /// A pattern of all of a matrix.
    package init(
        _ change: Change, rows: ClosedRange<Int>? = nil, columns: ClosedRange<Int>? = nil,
        lane: PlantedFault.Lane? = nil, isFull: Bool = true
    ) {
        (self.change, self.rows, self.columns, self.lane, self.isFull) = (change, rows, columns, lane, isFull)
    }

    /// Whether the pattern has the place.
    package func contains(row: Int, column: Int) -> Bool {
        (rows?.contains(row) ?? true) && (columns?.contains(column) ?? true)
            && (lane.map { column % $0.count == $0.index } ?? true)
    }

    /// Whether a value may be another in this way.
    package func allows(_ value: Float, insteadOf expected: Float) -> Bool {
        switch change {
        case .bit(let bit): value.bitPattern ^ expected.bitPattern == 1 << UInt32(bit)
        case .notANumber: value.isNaN
        case .any: value.bitPattern != expected.bitPattern
        }
    }
}

extension FaultCase {
    private static func encoderLayer(_ number: Int) -> String { "vit.encoder.layer.\(number)" }

    /// One bit of one value in layer 3.
    private static func bit(of name: String, operation: Int, row: Int, column: Int, bit: Int = 21) -> FaultCase {
        FaultCase(
            name: "a bit in the output of \(name)",
            spec: "bit=\(bit),layer=3,operation=\(operation),rows=\(row),columns=\(column)", layer: encoderLayer(3),
            operation: operation, pattern: FaultPattern(.bit(bit), rows: row...row, columns: column...column),
            hint: "bit", places: "element")
    }

    /// Every kind of fault, in ``FaultModel`` on a batch of ``FaultModel/images`` images with a quarter of the patches.
    package static let all: [FaultCase] = operations + areas + conditions + engine

    /// A bit in the output of each kind of operation.
    package static let operations: [FaultCase] = [
        FaultCase(
            name: "a bit in the output of the patch projection",
            spec: "bit=21,layer=vit.embeddings,operation=2,rows=7,columns=33", layer: "vit.embeddings", operation: 2,
            pattern: FaultPattern(.bit(21), rows: 7...7, columns: 33...33), hint: "bit", places: "element"),
        bit(of: "the layer norm before attention", operation: 1, row: 4, column: 17),
        bit(of: "qkv", operation: 2, row: 5, column: 150),
        bit(of: "attention", operation: 3, row: 6, column: 40),
        bit(of: "the attention's output layer", operation: 4, row: 0, column: 63),
        bit(of: "the layer norm before the mlp", operation: 5, row: 19, column: 0),
        bit(of: "the product with GELU", operation: 6, row: 11, column: 100, bit: 24),
        bit(of: "the mlp's output layer", operation: 7, row: 9, column: 31),
        FaultCase(
            name: "a bit in the mean over tokens", spec: "bit=20,layer=vit.layernorm,operation=2,rows=1,columns=9",
            layer: "vit.layernorm", operation: 2, pattern: FaultPattern(.bit(20), rows: 1...1, columns: 9...9),
            hint: "bit", places: "element"),
        FaultCase(
            name: "a low bit of a token that rounding hides later",
            spec: "bit=0,layer=7,operation=7,image=1,rows=6,columns=5", layer: encoderLayer(7), operation: 7,
            pattern: FaultPattern(.bit(0), rows: 6...6, columns: 5...5), isSeenInOutput: false, hint: "bit",
            places: "element"),
    ]

    /// More than one value.
    package static let areas: [FaultCase] = [
        FaultCase(
            name: "one lane of 16", spec: "bit=20,layer=2,operation=7,lane=3/16", layer: encoderLayer(2), operation: 7,
            pattern: FaultPattern(.bit(20), lane: .init(index: 3, count: 16)), hint: "lane", places: "lane"),
        FaultCase(
            name: "one lane of 8", spec: "bit=20,layer=2,operation=2,lane=5/8", layer: encoderLayer(2), operation: 2,
            pattern: FaultPattern(.bit(20), lane: .init(index: 5, count: 8)), hint: "lane", places: "lane"),
        FaultCase(
            name: "one tile", spec: "bit=20,layer=4,operation=6,rows=6-11,columns=32-47", layer: encoderLayer(4),
            operation: 6, pattern: FaultPattern(.bit(20), rows: 6...11, columns: 32...47), hint: "bit", places: "tile"),
        FaultCase(
            name: "one row", spec: "bit=20,layer=4,operation=5,rows=8", layer: encoderLayer(4), operation: 5,
            pattern: FaultPattern(.bit(20), rows: 8...8), hint: "bit", places: "row"),
        FaultCase(
            name: "one image", spec: "bit=20,layer=5,operation=4,image=1", layer: encoderLayer(5), operation: 4,
            pattern: FaultPattern(.bit(20), rows: 5...9), hint: "bit", places: "image"),
        FaultCase(
            name: "one head", spec: "bit=20,layer=5,operation=3,head=2", layer: encoderLayer(5), operation: 3,
            pattern: FaultPattern(.bit(20), columns: 32...47), hint: "bit", places: "head"),
        FaultCase(
            name: "everything", spec: "bit=10,layer=6,operation=1", layer: encoderLayer(6), operation: 1,
            pattern: FaultPattern(.bit(10)), hint: "bit", places: "everything"),
        FaultCase(
            name: "NaN at one element", spec: "nan,layer=6,operation=7,rows=2,columns=5", layer: encoderLayer(6),
            operation: 7, pattern: FaultPattern(.notANumber, rows: 2...2, columns: 5...5), places: "element"),
    ]

    /// Faults that are there at times, or on one thing.
    package static let conditions: [FaultCase] = [
        FaultCase(
            name: "each second pass",
            spec: "bit=21,layer=1,operation=7,rows=1,columns=1,every=2", layer: encoderLayer(1),
            operation: 7, pattern: FaultPattern(.bit(21), rows: 1...1, columns: 1...1), hint: "intermittent",
            places: "element"),
        FaultCase(
            name: "one processor", spec: "bit=20,layer=1,operation=2,processor=\(firstProcessor)",
            layer: encoderLayer(1), operation: 2, pattern: FaultPattern(.bit(20)),
            hint: Processor.allowedCount > 1 ? "processor" : "bit", options: ["--pin"]),
        FaultCase(
            name: "one instruction set", spec: "bit=20,layer=1,operation=2,isa=scalar,rows=3", layer: encoderLayer(1),
            operation: 2, pattern: FaultPattern(.bit(20), rows: 3...3), hint: "bit", places: "row",
            options: ["--isa", "scalar"]),
    ]

    /// Another computation than the model's.
    package static let engine: [FaultCase] = [
        FaultCase(
            name: "a bit of a weight in memory", spec: "weight=13:100,bit=28", layer: encoderLayer(3), operation: 2,
            pattern: FaultPattern(.any, columns: 1...1), hint: "weight", places: "channel"),
        FaultCase(
            name: "another epsilon", spec: "epsilon=1e-3", layer: encoderLayer(0), operation: 1,
            pattern: FaultPattern(.any, isFull: false), hint: "layer-norm"),
        FaultCase(
            name: "another activation", spec: "activation=geluTanh", layer: encoderLayer(0), operation: 6,
            pattern: FaultPattern(.any, isFull: false), hint: "activation"),
        FaultCase(
            name: "values rounded to fp16", spec: "fp16", layer: "vit.embeddings", operation: 1,
            pattern: FaultPattern(.any, isFull: false), hint: "float16"),
        FaultCase(
            name: "the batch in reverse order", spec: "order=reversed", layer: "vit.embeddings", operation: 1,
            pattern: FaultPattern(.any, isFull: false), hint: "other-order"),
    ]

    /// On a Vulkan device alone: the same worker computes rightly on its processor.
    package static let vulkan = FaultCase(
        name: "Vulkan only", spec: "bit=20,layer=1,operation=2,rows=3,backend=vulkan", layer: encoderLayer(1),
        operation: 2, pattern: FaultPattern(.bit(20), rows: 3...3), hint: "bit", places: "row",
        options: ["--backend", "vulkan"])

    /// The first processor that this process may use, to which a pinned worker binds the thread that it computes on.
    private static var firstProcessor: Int { CurrentProcessor.firstAllowed ?? 0 }
}
