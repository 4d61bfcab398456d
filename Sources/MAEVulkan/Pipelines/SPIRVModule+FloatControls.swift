extension SPIRVModule {
    /// The module with the float controls that a driver supports, and without those that it does not.
    ///
    /// Modules are compiled with rounding to nearest even and the preservation of zeros, infinities and NaN declared for
    /// each width in use. A module that declares more than its driver supports may not be loaded; what the arithmetic then
    /// does is for the probe to find out.
    func declaring(
        _ arithmetic: PhysicalDevice.Arithmetic, form: FusedForm
    ) throws(Malformed) -> SPIRVModule {
        let (even32, even64) = (arithmetic.roundsToEven32, arithmetic.roundsToEven64)
        // Where modes of all widths must be equal, a module of two widths declares one for both or for none.
        let agrees = form == .native || arithmetic.rounds32BitAlone || even32 == even64
        var module = self
        if !even32 || !agrees { module = try module.dropping(.roundingModeRTE, width: 32) }
        if !even64 || !agrees { module = try module.dropping(.roundingModeRTE, width: 64) }
        if !arithmetic.keepsZeroInfNan32 { module = try module.dropping(.signedZeroInfNanPreserve, width: 32) }
        if !arithmetic.keepsZeroInfNan64 { module = try module.dropping(.signedZeroInfNanPreserve, width: 64) }
        if arithmetic.keepsSubnormals32 && (form == .native || arithmetic.keeps32BitSubnormalsAlone) {
            module = try module.adding(.denormPreserve, width: 32)
        }
        return module
    }

    /// The same module with a mode declared for numbers of one width.
    package func adding(_ mode: FloatMode, width: UInt32) throws(Malformed) -> SPIRVModule {
        guard let capability = instructions.first(where: { $0.opcode == SPIRV.capability }),
            let entry = instructions.first(where: { $0.opcode == SPIRV.entryPoint }),
            let first = instructions.first(where: { $0.opcode == SPIRV.executionMode })
        else { throw Malformed(position: words.count) }
        let main = entry.operands[entry.operands.startIndex + 1]
        var changed = words
        // The later one first, so that the position of the other stays.
        changed.insert(
            contentsOf: [4 << 16 | UInt32(SPIRV.executionMode), main, mode.number, width], at: first.position)
        changed.insert(contentsOf: [2 << 16 | UInt32(SPIRV.capability), mode.capability], at: capability.position)
        return try SPIRVModule(changed)
    }

    /// The same module without a mode for numbers of one width, and without its capability when no width needs it.
    package func dropping(_ mode: FloatMode, width: UInt32) throws(Malformed) -> SPIRVModule {
        func declares(_ instruction: Instruction) -> Bool {
            instruction.opcode == SPIRV.executionMode && instruction.operands.dropFirst().first == mode.number
        }
        let declarations = instructions.filter(declares)
        let dropped = declarations.filter { $0.operands.last == width }
        let capabilities =
            dropped.count < declarations.count
            ? [] : instructions.filter { $0.opcode == SPIRV.capability && $0.operands.first == mode.capability }
        var changed = words
        for instruction in (capabilities + dropped).reversed() {
            changed.removeSubrange(instruction.position...instruction.position + instruction.operands.count)
        }
        return try SPIRVModule(changed)
    }
}

/// Execution modes of `SPV_KHR_float_controls`.
package enum FloatMode: Sendable, CaseIterable {
    case denormPreserve, signedZeroInfNanPreserve, roundingModeRTE

    /// Its number as an execution mode.
    package var number: UInt32 {
        switch self {
        case .denormPreserve: 4459
        case .signedZeroInfNanPreserve: 4461
        case .roundingModeRTE: 4462
        }
    }

    /// The number of the capability that it needs.
    package var capability: UInt32 {
        switch self {
        case .denormPreserve: 4464
        case .signedZeroInfNanPreserve: 4466
        case .roundingModeRTE: 4467
        }
    }
}
