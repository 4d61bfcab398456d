/// A module of SPIR-V as its instructions.
package struct SPIRVModule: Sendable {
    /// One instruction.
    package struct Instruction: Sendable {
        /// What it does.
        package let opcode: UInt16
        /// The words after the first.
        package let operands: ArraySlice<UInt32>
        /// Position of its first word in the module.
        package let position: Int
    }

    /// Why words are no module.
    package struct Malformed: Error, Sendable, Hashable {
        /// Position of the offending word.
        package let position: Int
    }

    /// All words, header included.
    package let words: [UInt32]
    /// The instructions, in order.
    package let instructions: [Instruction]

    private static let magic: UInt32 = 0x0723_0203
    private static let headerCount = 5

    /// Cuts `words` into instructions.
    package init(_ words: [UInt32]) throws(Malformed) {
        guard words.count >= Self.headerCount, words[0] == Self.magic else { throw Malformed(position: 0) }
        var instructions: [Instruction] = []
        var position = Self.headerCount
        while position < words.count {
            let count = Int(words[position] >> 16)
            guard count > 0, count <= words.count - position else { throw Malformed(position: position) }
            instructions.append(
                Instruction(
                    opcode: UInt16(truncatingIfNeeded: words[position]),
                    operands: words[position + 1..<position + count], position: position))
            position += count
        }
        self.words = words
        self.instructions = instructions
    }
}

/// Numbers of the SPIR-V specification.
package enum SPIRV {
    /// `OpEntryPoint`.
    package static let entryPoint: UInt16 = 15
    /// `OpExecutionMode`.
    package static let executionMode: UInt16 = 16
    /// `OpCapability`.
    package static let capability: UInt16 = 17
}
