import CVulkan
import MAECompute
import MAETensor

/// A program on a device: memory, descriptor sets, and command buffers that are recorded once.
final class VulkanExecutable: Executable {
    private let program: Program
    private let device: Device
    /// Held because descriptor sets point into them.
    private let parameters: VulkanParameters
    private let pipelines: PipelineStore
    private let memory: ExecutableMemory
    private let descriptors: DescriptorArena
    private let operations: [[PreparedDispatch]]
    private let commands: CommandPool
    private let fence: DeviceObject
    /// The whole pass as one piece.
    private var whole: Piece?
    /// The pass in pieces, for runs that somebody follows.
    private var timedPieces: [Piece] = []
    /// The pass in pieces that end at taps too, for runs with an observer.
    private var tappedPieces: [Piece] = []
    private var looks: [BufferID: Look] = [:]

    /// A dispatch with its pipeline and descriptor set.
    private struct PreparedDispatch {
        let dispatch: Dispatch
        let pipeline: DeviceObject
        let set: VkDescriptorSet
    }

    /// Operations that are submitted together.
    private struct Piece {
        let operations: Range<Int>
        let commands: VkCommandBuffer
        /// What they should take.
        let seconds: Double
    }

    /// A copy of one buffer for an observer.
    private struct Look {
        let staging: MemoryBlock
        let commands: VkCommandBuffer
    }

    /// Plans and records `program`, with `tile` for its linear layers.
    init(
        _ program: Program, _ parameters: VulkanParameters, _ pipelines: PipelineStore, tile: ProductTile
    ) throws {
        let device = pipelines.device
        let plan = try DispatchPlan(program, parameters, tile: tile, on: device.physical)
        let memory = try ExecutableMemory(program, scratch: plan.scratch, on: device)
        let descriptors = try DescriptorArena(count: plan.operations.joined().count, for: pipelines)
        operations = try plan.operations.map { dispatches in
            try dispatches.map { dispatch in
                let buffers = dispatch.bindings.compactMap { memory.buffer($0) ?? parameters.buffer($0) }
                return PreparedDispatch(
                    dispatch: dispatch, pipeline: try pipelines.pipeline(dispatch.shader, dispatch.constants),
                    set: try descriptors.set(buffers))
            }
        }
        commands = try CommandPool(on: device)
        fence = try DeviceObject.fence(on: device)
        self.program = program
        self.device = device
        self.parameters = parameters
        self.pipelines = pipelines
        self.memory = memory
        self.descriptors = descriptors
    }

    func run(inputs: [Tensor], indexTables: [[Int32]], control: RunControl) throws -> [Tensor] {
        try program.check(inputs: inputs, indexTables: indexTables)
        memory.write(inputs: inputs, indexTables: indexTables)
        if control.isWatched {
            try runInPieces(control)
        } else {
            let piece = try whole ?? record(0..<operations.count)
            whole = piece
            try device.run(piece.commands, fence: fence, expected: piece.seconds)
        }
        return memory.outputs()
    }

    /// Work that is submitted cannot be stopped, so a run that somebody watches is handed over bit by bit.
    private func runInPieces(_ control: RunControl) throws {
        var nextTap = 0
        for piece in try pieces(cutAtTaps: control.observer != nil) {
            if control.isCancelled?() == true {
                throw ComputeError(
                    .cancelled,
                    "the run was cancelled after \(piece.operations.lowerBound) of \(operations.count) steps")
            }
            tell(piece.operations.lowerBound, control)
            try device.run(piece.commands, fence: fence, expected: piece.seconds)
            while let observer = control.observer, nextTap < program.taps.count,
                program.taps[nextTap].position <= piece.operations.upperBound
            {
                observer(program.taps[nextTap], try look(at: program.taps[nextTap].buffer))
                nextTap += 1
            }
        }
        tell(operations.count, control)
    }

    private func tell(_ done: Int, _ control: RunControl) {
        guard let progress = control.progress else { return }
        // An operation belongs to the layer whose output is the next to be looked at.
        let layer = program.taps.first { $0.position > done }?.name
        progress(RunProgress(done: done, total: operations.count, layer: layer))
    }

    private func pieces(cutAtTaps: Bool) throws(ComputeError) -> [Piece] {
        let known = cutAtTaps ? tappedPieces : timedPieces
        guard known.isEmpty else { return known }
        var pieces: [Piece] = []
        for range in pieceRanges(cutAtTaps: cutAtTaps) { pieces.append(try record(range)) }
        if cutAtTaps { tappedPieces = pieces } else { timedPieces = pieces }
        return pieces
    }

    private var secondsOfWork: Double { device.physical.secondsOfWork(in: pipelines.form) }

    /// Cuts where a tenth of a second's work is together, and at taps if somebody looks there.
    private func pieceRanges(cutAtTaps: Bool) -> [Range<Int>] {
        let taps = cutAtTaps ? Set(program.taps.map(\.position)) : []
        var ranges: [Range<Int>] = []
        var start = 0
        var work = 0.0
        for position in operations.indices {
            work += operations[position].reduce(0) { $0 + $1.dispatch.work }
            let isFull = work >= 0.1 / secondsOfWork
            if isFull || taps.contains(position + 1) || position + 1 == operations.count {
                ranges.append(start..<position + 1)
                (start, work) = (position + 1, 0)
            }
        }
        return ranges
    }

    private func record(_ range: Range<Int>) throws(ComputeError) -> Piece {
        let buffer = try commands.commandBuffer()
        try commands.record(buffer) { recorder in
            if range.lowerBound == 0 { memory.recordInputs(recorder) }
            for prepared in operations[range].joined() {
                let groups = prepared.dispatch.groups
                recorder.dispatch(
                    prepared.pipeline, pipelines.layout, prepared.set, push: prepared.dispatch.push,
                    groups: (UInt32(groups.0), UInt32(groups.1), UInt32(groups.2)))
                recorder.barrier(from: .shaders, to: .shaders)
            }
            if range.upperBound == operations.count { memory.recordOutputs(recorder) }
        }
        let work = operations[range].joined().reduce(0) { $0 + $1.dispatch.work }
        return Piece(operations: range, commands: buffer, seconds: work * secondsOfWork)
    }

    /// The value of a buffer between two pieces.
    private func look(at buffer: BufferID) throws -> Tensor {
        let look = try looks[buffer] ?? makeLook(at: buffer)
        looks[buffer] = look
        look.staging.forget(look.staging.byteCount, at: 0)
        try device.run(look.commands, fence: fence)
        let shape = program[buffer]
        return Tensor(shape: [shape.rows, shape.columns]) { look.staging.read(into: $0, at: 0) }
    }

    private func makeLook(at buffer: BufferID) throws(ComputeError) -> Look {
        let source = memory[buffer]
        let staging = try MemoryBlock(.staging, byteCount: max(source.byteCount, 4), on: device)
        let commands = try self.commands.commandBuffer()
        try self.commands.record(commands) { recorder in
            recorder.barrier(from: .shaders, to: .copies)
            recorder.copy(source, to: DeviceBuffer(block: staging, offset: 0, byteCount: source.byteCount))
            recorder.barrier(from: .copies, to: .host)
        }
        return Look(staging: staging, commands: commands)
    }
}

extension RunControl {
    /// Whether anybody wants to know or decide anything during the run.
    fileprivate var isWatched: Bool { progress != nil || isCancelled != nil || observer != nil }
}

extension PhysicalDevice {
    /// Seconds that a fused multiply-add takes in an unhurried guess; what is cut and how long is waited hangs on it,
    /// no result does.
    ///
    /// Emulated, it is some ten operations on 64-bit numbers, of which most GPUs do a sixteenth to a sixty-fourth as many.
    fileprivate func secondsOfWork(in form: FusedForm) -> Double {
        kind == .cpu || form == .float64 ? 2e-9 : 1e-11
    }
}
