extension PickleMachine {
    /// Most decimal digits of an integer written as text: CPython's own limit.
    private static let decimalDigits = 4300

    mutating func pushNumber(_ opcode: PickleOpcode) throws(CheckpointError) {
        switch opcode {
        case .none: try push(.none)
        case .newTrue: try push(.bool(true))
        case .newFalse: try push(.bool(false))
        case .int: try pushDecimal(try line(), allowsBooleans: true)
        case .long: try pushDecimal(try line(), allowsBooleans: false)
        case .binInt: try push(.int(Int64(try cursor.number() as Int32)))
        case .binInt1: try push(.int(Int64(try cursor.number() as UInt8)))
        case .binInt2: try push(.int(Int64(try cursor.number() as UInt16)))
        case .long1: try pushTwosComplement(try cursor.view(try cursor.length(UInt8.self)).bytes)
        case .long4:
            let view = try cursor.view(try cursor.length(Int32.self))
            try takeMemory(PickleCost.text(view.count))
            try pushTwosComplement(view.bytes)
        case .float:
            let text = String(decoding: try line(), as: UTF8.self)
            // Swift also reads hexadecimal floats, which are no Python floats.
            guard !text.contains(where: { "xXpP".contains($0) }), let value = Double(text) else {
                throw cursor.malformed("'\(text.prefix(40))' is no number.")
            }
            try push(.float(value))
        case .binFloat: try push(.float(Double(bitPattern: (try cursor.number() as UInt64).byteSwapped)))
        default: preconditionFailure("\(opcode) makes no number")
        }
    }

    /// Pushes an integer of little-endian two's complement; no bytes are zero.
    private mutating func pushTwosComplement(_ bytes: [UInt8]) throws(CheckpointError) {
        let sign: UInt8 = (bytes.last ?? 0) & 0x80 == 0 ? 0 : 0xFF
        let significant = bytes.lastIndex { $0 != sign }.map { $0 + 1 } ?? 0
        // Eight bytes whose top bit agrees with the sign fit, and so does everything shorter.
        if significant < 8 || (significant == 8 && (bytes[7] & 0x80) == (sign & 0x80)) {
            var value = sign == 0 ? 0 : UInt64.max
            for byte in bytes.prefix(8).reversed() { value = value << 8 | UInt64(byte) }
            try push(.int(Int64(bitPattern: value)))
        } else {
            try takeMemory(PickleCost.bytes(bytes.count))
            heap.bytes.append(bytes)
            try push(.bigInteger(heap.bytes.count - 1))
        }
    }

    /// Pushes an integer written in decimal digits, with the `L` of Python 2.
    private mutating func pushDecimal(_ line: [UInt8], allowsBooleans: Bool) throws(CheckpointError) {
        let text = String(decoding: line, as: UTF8.self)
        if allowsBooleans, text == "00" || text == "01" { return try push(.bool(text == "01")) }
        var digits = text[...]
        if digits.hasSuffix("L") { digits.removeLast() }
        if let value = Int64(digits) { return try push(.int(value)) }
        let isNegative = digits.hasPrefix("-")
        if isNegative { digits.removeFirst() }
        guard !digits.isEmpty, digits.utf8.count <= Self.decimalDigits,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else {
            throw cursor.malformed("'\(text.prefix(40))' is no integer.")
        }
        var magnitude: [UInt8] = []
        for digit in digits.utf8 {
            var carry = UInt32(digit - UInt8(ascii: "0"))
            for index in magnitude.indices {
                let sum = UInt32(magnitude[index]) * 10 + carry
                magnitude[index] = UInt8(truncatingIfNeeded: sum)
                carry = sum >> 8
            }
            if carry > 0 { magnitude.append(UInt8(carry)) }
        }
        magnitude.append(0)
        try takeSteps(magnitude.count * magnitude.count >> 6)
        try pushTwosComplement(isNegative ? Self.negated(magnitude) : magnitude)
    }

    private static func negated(_ bytes: [UInt8]) -> [UInt8] {
        var carry = true
        return bytes.map { byte in
            let (sum, overflow) = (~byte).addingReportingOverflow(carry ? 1 : 0)
            carry = overflow
            return sum
        }
    }
}
