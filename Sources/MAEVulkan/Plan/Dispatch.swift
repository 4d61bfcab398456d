import MAECompute

/// One run of a shader, as values: what a plan consists of.
struct Dispatch: Sendable {
    /// Something a shader sees.
    enum Binding: Sendable, Hashable {
        case buffer(BufferID)
        case table(IndexTableID)
        /// Memory that only this operation uses.
        case scratch(Int)
        case weights(LinearID)
        case bias(LinearID)
        case scale(LayerNormID)
        case shift(LayerNormID)
        case vector(VectorID)
    }

    let shader: Shader
    let constants: [UInt32]
    let bindings: [Binding]
    /// Problem sizes.
    let push: [UInt32]
    /// Workgroups in x, y and z; none of them is 0.
    let groups: (Int, Int, Int)
    /// Fused multiply-adds, roughly.
    let work: Double
}

/// What a program needs: dispatches for each operation, and scratch.
struct DispatchPlan: Sendable {
    /// For each operation, the dispatches that carry it out, one after the other.
    private(set) var operations: [[Dispatch]] = []
    /// Element counts of scratch, and the positions of the operations that use it.
    private(set) var scratch: [(position: Int, count: Int)] = []

    /// Plans `program` for a device, with `tile` for its linear layers.
    ///
    /// - Throws: ``ComputeError`` `unsupportedDevice` for shapes that the device computes wrongly, `outOfMemory` for
    ///   more workgroups than it takes.
    init(_ program: Program, _ parameters: VulkanParameters, tile: ProductTile, on device: PhysicalDevice) throws {
        var planner = DispatchPlanner(program: program, parameters: parameters, tile: tile, device: device)
        for (position, operation) in program.operations.enumerated() {
            operations.append(planner.dispatches(operation, at: position))
        }
        scratch = planner.scratch
        for dispatch in operations.joined() {
            let most = device.limits.groups
            guard dispatch.groups.0 <= most.0, dispatch.groups.1 <= most.1, dispatch.groups.2 <= most.2 else {
                throw ComputeError(.outOfMemory, "a batch has more rows than \(device.name) takes: use smaller batches")
            }
        }
        if device.kind == .cpu { try Self.checkLoops(program) }
    }

    /// llvmpipe leaves all loops of an invocation after 65,535 rounds in all, without an error.
    private static func checkLoops(_ program: Program) throws(ComputeError) {
        // A product takes two rounds for each step of its depth, a row 3 for each of 16 elements.
        let (deepest, longest) = (1 << 14, 1 << 18)
        for operation in program.operations {
            let isTooLong =
                switch operation {
                case .linear(let input, _, _, _, _): program[input].columns > deepest
                case .layerNorm(let input, _, _, _): program[input].columns > longest
                case .attention(let qkv, let images, let heads, _, let output):
                    program[qkv].rows / images > deepest || program[output].columns / heads > deepest
                case .meanOverTokens(let tokens, let images, _): program[tokens].rows / images > longest
                case .gatherPatches, .assembleTokens, .restoreTokens, .dropLeadingTokens: false
                }
            if isTooLong {
                throw ComputeError(
                    .unsupportedDevice,
                    "the model is wider than a Vulkan device that is a processor computes without mistakes: use "
                        + "--backend cpu")
            }
        }
    }
}
