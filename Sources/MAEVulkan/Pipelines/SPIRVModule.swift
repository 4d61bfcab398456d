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

    /// The same module with subnormal 32-bit numbers kept, for drivers that can promise it.
    package func keepingSubnormals() throws(Malformed) -> SPIRVModule {
        guard let capability = instructions.first(where: { $0.opcode == SPIRV.capability }),
            let entry = instructions.first(where: { $0.opcode == SPIRV.entryPoint }),
            let mode = instructions.first(where: { $0.opcode == SPIRV.executionMode })
        else { throw Malformed(position: words.count) }
        let main = entry.operands[entry.operands.startIndex + 1]
        var changed = words
        // The later one first, so that the position of the other stays.
        changed.insert(
            contentsOf: [4 << 16 | UInt32(SPIRV.executionMode), main, SPIRV.denormPreserve, 32], at: mode.position)
        changed.insert(
            contentsOf: [2 << 16 | UInt32(SPIRV.capability), SPIRV.denormPreserveCapability], at: capability.position)
        return try SPIRVModule(changed)
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
    /// Execution mode `DenormPreserve`.
    package static let denormPreserve: UInt32 = 4459
    /// Capability `DenormPreserve`.
    package static let denormPreserveCapability: UInt32 = 4464
}
