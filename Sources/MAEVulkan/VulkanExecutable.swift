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
    /// The whole pass as one submission.
    private var wholePass: Submission?
    /// The pass in several submissions, for runs that report progress or can be cancelled.
    private var timedSubmissions: [Submission] = []
    /// The pass in submissions of which some end at taps, for runs with an observer.
    private var tappedSubmissions: [Submission] = []
    private var readbacks: [BufferID: Readback] = [:]

    /// A dispatch with its pipeline and descriptor set.
    private struct PreparedDispatch {
        let dispatch: Dispatch
        let pipeline: DeviceObject
        let set: VkDescriptorSet
    }

    /// Operations that are submitted to the queue together.
    private struct Submission {
        let operations: Range<Int>
        let commands: VkCommandBuffer
        /// Seconds that the operations should take.
        let seconds: Double
    }

    /// Copies one buffer to the host, for an observer.
    private struct Readback {
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
            try runInSubmissions(control)
        } else {
            let submission = try wholePass ?? record(0..<operations.count)
            wholePass = submission
            try device.run(submission.commands, fence: fence, expected: submission.seconds)
        }
        return memory.outputs()
    }

    /// Submitted work cannot be stopped, so a run that is watched is submitted in parts.
    private func runInSubmissions(_ control: RunControl) throws {
        var nextTap = 0
        for submission in try submissions(splitAtTaps: control.observer != nil) {
            if control.isCancelled?() == true {
                throw ComputeError(
                    .cancelled,
                    "the run was cancelled after \(submission.operations.lowerBound) of \(operations.count) steps")
            }
            report(submission.operations.lowerBound, control)
            try device.run(submission.commands, fence: fence, expected: submission.seconds)
            while let observer = control.observer, nextTap < program.taps.count,
                program.taps[nextTap].position <= submission.operations.upperBound
            {
                observer(program.taps[nextTap], try readBack(program.taps[nextTap].buffer))
                nextTap += 1
            }
        }
        report(operations.count, control)
    }

    private func report(_ done: Int, _ control: RunControl) {
        guard let progress = control.progress else { return }
        // An operation belongs to the layer whose output the next tap observes.
        let layer = program.taps.first { $0.position > done }?.name
        progress(RunProgress(done: done, total: operations.count, layer: layer))
    }

    private func submissions(splitAtTaps: Bool) throws(ComputeError) -> [Submission] {
        let known = splitAtTaps ? tappedSubmissions : timedSubmissions
        guard known.isEmpty else { return known }
        var submissions: [Submission] = []
        for range in submissionRanges(splitAtTaps: splitAtTaps) { submissions.append(try record(range)) }
        if splitAtTaps { tappedSubmissions = submissions } else { timedSubmissions = submissions }
        return submissions
    }

    private var secondsPerFMA: Double { device.physical.secondsPerFMA(in: pipelines.form) }

    /// Splits the pass after each tenth of a second's work, and at taps where asked.
    private func submissionRanges(splitAtTaps: Bool) -> [Range<Int>] {
        let taps = splitAtTaps ? Set(program.taps.map(\.position)) : []
        var ranges: [Range<Int>] = []
        var start = 0
        var work = 0.0
        for position in operations.indices {
            work += operations[position].reduce(0) { $0 + $1.dispatch.work }
            let isFull = work >= 0.1 / secondsPerFMA
            if isFull || taps.contains(position + 1) || position + 1 == operations.count {
                ranges.append(start..<position + 1)
                (start, work) = (position + 1, 0)
            }
        }
        return ranges
    }

    private func record(_ range: Range<Int>) throws(ComputeError) -> Submission {
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
        return Submission(operations: range, commands: buffer, seconds: work * secondsPerFMA)
    }

    /// The value of a buffer between two submissions.
    private func readBack(_ buffer: BufferID) throws -> Tensor {
        let readback = try readbacks[buffer] ?? makeReadback(of: buffer)
        readbacks[buffer] = readback
        readback.staging.forget(readback.staging.byteCount, at: 0)
        try device.run(readback.commands, fence: fence)
        let shape = program[buffer]
        return Tensor(shape: [shape.rows, shape.columns]) { readback.staging.read(into: $0, at: 0) }
    }

    private func makeReadback(of buffer: BufferID) throws(ComputeError) -> Readback {
        let source = memory[buffer]
        let staging = try MemoryBlock(.staging, byteCount: max(source.byteCount, 4), on: device)
        let commands = try self.commands.commandBuffer()
        try self.commands.record(commands) { recorder in
            recorder.barrier(from: .shaders, to: .copies)
            recorder.copy(source, to: DeviceBuffer(block: staging, offset: 0, byteCount: source.byteCount))
            recorder.barrier(from: .copies, to: .host)
        }
        return Readback(staging: staging, commands: commands)
    }
}

extension RunControl {
    /// Whether anything is reported, observed or asked during the run.
    fileprivate var isWatched: Bool { progress != nil || isCancelled != nil || observer != nil }
}

extension PhysicalDevice {
    /// Seconds that a fused multiply-add takes, as a pessimistic guess; the size of submissions and timeouts depend on it,
    /// no result does.
    ///
    /// Emulated, it is some ten operations on 64-bit numbers, of which most GPUs do a sixteenth to a sixty-fourth as many.
    fileprivate func secondsPerFMA(in form: FusedForm) -> Double {
        kind == .cpu || form == .float64 ? 2e-9 : 1e-11
    }
}
