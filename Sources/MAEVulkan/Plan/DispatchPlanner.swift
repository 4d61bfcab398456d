import MAECompute

/// Turns operations into dispatches.
struct DispatchPlanner {
    let program: Program
    let parameters: VulkanParameters
    /// The tile of linear layers.
    let tile: ProductTile
    let device: PhysicalDevice
    private(set) var scratch: [(position: Int, count: Int)] = []

    init(program: Program, parameters: VulkanParameters, tile: ProductTile, device: PhysicalDevice) {
        self.program = program
        self.parameters = parameters
        self.tile = tile
        self.device = device
    }

    /// Rows that a workgroup of `lanes.glsl` reduces.
    private static let rowsOfGroup = 4
    /// Columns that a workgroup of the other shaders works on.
    private static let columnsOfGroup = 64
    /// Workgroups that share out the rows of a shader that strides over them.
    private static let mostRowGroups = 4096

    mutating func dispatches(_ operation: Operation, at position: Int) -> [Dispatch] {
        switch operation {
        case .gatherPatches(let images, let kept, let geometry, let output):
            return [gather(images, kept, geometry, output)].compactMap(\.self)
        case .linear(let input, let id, let activation, let residual, let output):
            return [linear(input, id, activation, residual, output)].compactMap(\.self)
        case .layerNorm(let input, let id, let epsilon, let output):
            let shape = program[input]
            return rowReduction(
                .layerNorm, [.buffer(input), .scale(id), .shift(id), .buffer(output)], shape,
                push: [UInt32(shape.rows), UInt32(shape.columns), epsilon.bitPattern])
        case .attention(let qkv, let images, let heads, let scale, let output):
            return attention(qkv, images, heads, scale, output, at: position)
        case .assembleTokens(let patches, let kept, let token, let positions, let images, let output):
            let shape = program[output]
            return overRows(
                .assembleTokens,
                [.buffer(patches), .table(kept), .vector(token), .vector(positions), .buffer(output)], shape,
                push: [shape.rows, program[kept] / images, shape.columns])
        case .restoreTokens(let tokens, let slots, let maskToken, let positions, let images, let output):
            let shape = program[output]
            return overRows(
                .restoreTokens,
                [.buffer(tokens), .table(slots), .vector(maskToken), .vector(positions), .buffer(output)], shape,
                push: [shape.rows, program[slots] / images, program[tokens].rows / images, shape.columns])
        case .meanOverTokens(let tokens, let images, let output):
            let shape = program[output]
            return overRows(
                .meanOverTokens, [.buffer(tokens), .buffer(output)], shape,
                push: [shape.rows, program[tokens].rows / images, shape.columns])
        case .dropLeadingTokens(let tokens, let count, let images, let output):
            let shape = program[output]
            return overRows(
                .dropLeadingTokens, [.buffer(tokens), .buffer(output)], shape,
                push: [shape.rows, program[tokens].rows / images, count, shape.columns])
        }
    }

    private func gather(
        _ images: BufferID, _ kept: IndexTableID, _ geometry: PatchGeometry, _ output: BufferID
    ) -> Dispatch? {
        guard program[images].rows > 0 else { return nil }
        return overRows(
            .gatherPatches, [.buffer(images), .table(kept), .buffer(output)], program[output],
            push: [
                program[kept], program[kept] / program[images].rows, geometry.channels, geometry.imageHeight,
                geometry.imageWidth, geometry.patchHeight, geometry.patchWidth,
            ]
        ).first
    }

    private func linear(
        _ input: BufferID, _ id: LinearID, _ activation: Activation?, _ residual: BufferID?, _ output: BufferID
    ) -> Dispatch? {
        let shape = program[output]
        let depth = program[input].columns
        guard shape.count > 0 else { return nil }
        let hasBias = parameters.hasBias(id)
        return Dispatch(
            shader: .linear,
            constants: tile.constants
                + [activation?.shaderValue ?? 0, hasBias ? 1 : 0, residual == nil ? 0 : 1],
            // What a shader does not read is bound to something all the same. Of what it writes only the residual may be
            // another name: those two are marked in its source.
            bindings: [
                .buffer(input), .weights(id), hasBias ? .bias(id) : .weights(id), .buffer(residual ?? output),
                .buffer(output),
            ],
            push: [shape.rows, shape.columns, depth].map(UInt32.init),
            groups: (shape.columns.inGroups(of: tile.columns), shape.rows.inGroups(of: tile.rows), 1),
            work: Double(shape.count) * Double(depth))
    }

    /// Scores, softmax and values, over matrices of scores in scratch: as many heads of images at a time as fit into it.
    private mutating func attention(
        _ qkv: BufferID, _ images: Int, _ heads: Int, _ scale: Float, _ output: BufferID, at position: Int
    ) -> [Dispatch] {
        let shape = program[output]
        guard shape.count > 0 else { return [] }
        let tokens = shape.rows / images
        let width = shape.columns / heads
        let matrices = images * heads
        let together = matricesTogether(of: matrices, tokens: tokens)
        scratch.append((position, together * tokens * tokens))
        let scores = Dispatch.Binding.scratch(scratch.count - 1)
        return stride(from: 0, to: matrices, by: together).flatMap { first in
            attention(
                qkv, scores, output, first..<min(first + together, matrices), tokens: tokens, heads: heads,
                width: width, scale: scale)
        }
    }

    /// Attention of some heads of images, numbered image · heads + head.
    private func attention(
        _ qkv: BufferID, _ scores: Dispatch.Binding, _ output: BufferID, _ matrices: Range<Int>, tokens: Int,
        heads: Int, width: Int, scale: Float
    ) -> [Dispatch] {
        let tile = ProductTile.defaultTile(for: device)
        let rows = matrices.count * tokens
        let push = [matrices.lowerBound, tokens, heads, width].map(UInt32.init) + [scale.bitPattern]
        let work = Double(rows) * Double(tokens) * Double(width)
        return [
            Dispatch(
                shader: .attentionScores, constants: tile.constants, bindings: [.buffer(qkv), scores], push: push,
                groups: (tokens.inGroups(of: tile.columns), tokens.inGroups(of: tile.rows), matrices.count), work: work)
        ]
            + rowReduction(
                .softmax, [scores], MatrixShape(rows: rows, columns: tokens), push: [UInt32(rows), UInt32(tokens)])
            + [
                Dispatch(
                    shader: .attentionValues, constants: tile.constants,
                    bindings: [.buffer(qkv), scores, .buffer(output)], push: push,
                    groups: (width.inGroups(of: tile.columns), tokens.inGroups(of: tile.rows), matrices.count),
                    work: work)
            ]
    }

    /// Bytes of scores that are enough work for a device at a time.
    private static let scoreBytes = 64 << 20

    /// Matrices of scores that share scratch and dispatches; at least one.
    private func matricesTogether(of matrices: Int, tokens: Int) -> Int {
        let elements = min(Self.scoreBytes, device.limits.storageRange) / MemoryLayout<Float>.stride
        let rows = device.limits.groups.0.multipliedReportingOverflow(by: Self.rowsOfGroup)
        let most = min(
            elements / (tokens * tokens), device.limits.groups.2, (rows.overflow ? .max : rows.partialValue) / tokens)
        return max(min(most, matrices), 1)
    }

    private func rowReduction(
        _ shader: Shader, _ bindings: [Dispatch.Binding], _ shape: MatrixShape, push: [UInt32]
    ) -> [Dispatch] {
        guard shape.count > 0 else { return [] }
        // Exponentials and divisions weigh more than products.
        let work = Double(shape.count) * 16
        return [
            Dispatch(
                shader: shader, constants: [UInt32(Self.rowsOfGroup)], bindings: bindings, push: push,
                groups: (shape.rows.inGroups(of: Self.rowsOfGroup), 1, 1), work: work)
        ]
    }

    private func overRows(
        _ shader: Shader, _ bindings: [Dispatch.Binding], _ shape: MatrixShape, push: [Int]
    ) -> [Dispatch] {
        guard shape.count > 0 else { return [] }
        return [
            Dispatch(
                shader: shader, constants: [], bindings: bindings, push: push.map(UInt32.init),
                groups: (shape.columns.inGroups(of: Self.columnsOfGroup), min(shape.rows, Self.mostRowGroups), 1),
                work: Double(shape.count))
        ]
    }
}

extension Activation {
    /// Its number in `canonical.glsl`, where 0 is the identity.
    fileprivate var shaderValue: UInt32 {
        switch self {
        case .gelu: 1
        case .geluTanh: 2
        case .quickGELU: 3
        case .relu: 4
        case .silu: 5
        case .selu: 6
        }
    }
}

extension Int {
    /// Groups of `size` that it takes.
    fileprivate func inGroups(of size: Int) -> Int { (self + size - 1) / size }
}
