import MAECPU
import MAECompute

/// Why a text describes no fault.
package struct FaultSpecError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension PlantedFault {
    /// Reads a text such as `bit=3,layer=7,operation=6,rows=4-7,lane=3/16,every=5`.
    ///
    /// | key | value |
    /// |---|---|
    /// | `bit` | number of the bit to flip, 0 to 31 |
    /// | `nan`, `fp16` | none: values are no numbers, or rounded to 16 bits |
    /// | `epsilon`, `activation` | another one |
    /// | `order` | `reversed`: the images of a batch come in reverse order |
    /// | `weight` | `LINEAR:ELEMENT`, with `bit`: a weight in memory |
    /// | `layer` | number of a layer of the encoder, or a name such as `vit.embeddings` |
    /// | `operation` | place among those of the layer, from 1 |
    /// | `rows`, `columns` | one number, or the first and last |
    /// | `lane` | `INDEX/COUNT`: the columns that are INDEX modulo COUNT |
    /// | `image`, `head`, `processor` | its number, from 0 |
    /// | `every` | n: in each n-th pass |
    /// | `isa`, `backend` | the name of the one that errs |
    package init(_ spec: String) throws {
        var fields = Fields(spec)
        let effect = try Self.effect(&fields)
        self.init(effect)
        layer = fields.take("layer").map { UInt16($0) == nil ? $0 : "vit.encoder.layer.\($0)" }
        operation = try fields.number("operation", 1...64)
        rows = try fields.range("rows")
        columns = try fields.range("columns")
        lane = try fields.pair("lane", "/").map { Lane(index: $0, count: $1) }
        image = try fields.number("image", 0...1 << 20)
        head = try fields.number("head", 0...1 << 20)
        every = try fields.number("every", 1...1 << 20) ?? 1
        processor = try fields.number("processor", 0...1 << 16)
        instructionSet = try fields.take("isa").map { name in
            guard let set = InstructionSet(rawValue: name) else { throw FaultSpecError("isa=\(name): no such set") }
            return set
        }
        backend = fields.take("backend")
        try fields.finish()
        if let lane, lane.count < 1 || lane.index >= lane.count {
            throw FaultSpecError("\(spec): a lane is one of those that there are")
        }
    }

    private static func effect(_ fields: inout Fields) throws -> Effect {
        let bit = try fields.number("bit", 0...31)
        let others: [Effect?] = [
            fields.take("nan").map { _ in .notANumber },
            fields.take("fp16").map { _ in .roundedToHalf },
            try fields.take("epsilon").map { text in
                guard let value = Float(text) else { throw FaultSpecError("epsilon=\(text): no number") }
                return .epsilon(value)
            },
            try fields.take("activation").map { name in
                guard let value = Activation(rawValue: name) else {
                    throw FaultSpecError("activation=\(name): no such function")
                }
                return .activation(value)
            },
            try fields.take("order").map { name in
                guard name == "reversed" else { throw FaultSpecError("order=\(name): only reversed is known") }
                return .reversedBatch
            },
        ]
        var effects = others.compactMap(\.self)
        if let (linear, element) = try fields.pair("weight", ":") {
            guard let bit else { throw FaultSpecError("weight= takes bit= too") }
            effects.append(.weightBit(linear: linear, element: element, bit: bit))
        } else if let bit {
            effects.append(.flippedBit(bit))
        }
        guard effects.count == 1 else {
            throw FaultSpecError("\(fields.spec): one of bit, nan, fp16, epsilon, activation, order and weight")
        }
        return effects[0]
    }
}

/// The parts `key=value` of a text, taken out one after the other.
private struct Fields {
    let spec: String
    private var values: [String: String] = [:]
    private var repeated: String?

    init(_ spec: String) {
        self.spec = spec
        for part in spec.split(separator: ",") {
            let words = part.split(separator: "=", maxSplits: 1)
            let key = words.first.map(String.init) ?? ""
            if values.updateValue(words.count == 2 ? String(words[1]) : "", forKey: key) != nil { repeated = key }
        }
    }

    mutating func take(_ key: String) -> String? { values.removeValue(forKey: key) }

    mutating func number(_ key: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let text = take(key) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw FaultSpecError("\(key)=\(text): a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    mutating func range(_ key: String) throws -> ClosedRange<Int>? {
        guard let text = take(key) else { return nil }
        let numbers = text.split(separator: "-").compactMap { UInt32($0) }.map(Int.init)
        guard let first = numbers.first, let last = numbers.last, numbers.count <= 2, first <= last else {
            throw FaultSpecError("\(key)=\(text): one number, or the first and last as 4-7")
        }
        return first...last
    }

    mutating func pair(_ key: String, _ separator: Character) throws -> (Int, Int)? {
        guard let text = take(key) else { return nil }
        let numbers = text.split(separator: separator).compactMap { UInt32($0) }.map(Int.init)
        guard numbers.count == 2 else { throw FaultSpecError("\(key)=\(text): two numbers as 3\(separator)16") }
        return (numbers[0], numbers[1])
    }

    func finish() throws {
        if let repeated { throw FaultSpecError("\(spec): \(repeated) stands there twice") }
        guard let unknown = values.keys.min() else { return }
        throw FaultSpecError("\(spec): \(unknown) is no part of a fault")
    }
}
