import CVulkan
import MAECompute
import MAETensor

/// One run of a shader over arrays: what the probe consists of.
enum ArrayRun {
    /// Gives `shader` three arrays of one length and returns `resultCount` elements that it wrote.
    static func run(
        _ shader: Shader, constants: [UInt32] = [], _ arrays: [[Float]], resultCount: Int, on pipelines: PipelineStore
    ) throws(ComputeError) -> [Float] {
        let device = pipelines.device
        let size = MemoryLayout<Float>.stride
        let count = arrays[0].count
        // Each array begins where a shader may begin to see it.
        let alignment = device.physical.limits.alignment
        let stride = (count * size + alignment - 1) / alignment * alignment
        let total = arrays.count * stride + resultCount * size
        let staging = try MemoryBlock(.staging, byteCount: total, on: device)
        let arena = try MemoryBlock(.device, byteCount: total, on: device)
        // What an earlier run left must not pass for answers of this one.
        staging.forget(total, at: 0)
        for (index, array) in arrays.enumerated() {
            array.withUnsafeBytes { staging.write($0, at: index * stride) }
        }
        var buffers = arrays.indices.map { DeviceBuffer(block: arena, offset: $0 * stride, byteCount: count * size) }
        let results = DeviceBuffer(block: arena, offset: arrays.count * stride, byteCount: resultCount * size)
        buffers.append(results)
        let pipeline = try pipelines.pipeline(shader, constants)
        let descriptors = try DescriptorArena(count: 1, for: pipelines)
        let set = try descriptors.set(buffers)
        let commands = try CommandPool(on: device)
        let buffer = try commands.commandBuffer()
        let fence = try DeviceObject.fence(on: device)
        let groups = UInt32((count + 63) / 64)
        try commands.record(buffer) { recorder in
            recorder.copy(
                DeviceBuffer(block: staging, offset: 0, byteCount: total),
                to: DeviceBuffer(block: arena, offset: 0, byteCount: total))
            recorder.barrier(from: .copies, to: .shaders)
            recorder.dispatch(pipeline, pipelines.layout, set, push: [UInt32(count)], groups: (groups, 1, 1))
            recorder.barrier(from: .shaders, to: .copies)
            recorder.copy(
                results, to: DeviceBuffer(block: staging, offset: results.offset, byteCount: results.byteCount))
            recorder.barrier(from: .copies, to: .host)
        }
        // Vulkan knows nothing of references: all that the commands name is held until they are done.
        defer { withExtendedLifetime((commands, descriptors, pipeline, arena, staging)) {} }
        try device.run(buffer, fence: fence)
        var output = [Float](repeating: 0, count: resultCount)
        output.withUnsafeMutableBufferPointer { staging.read(into: $0, at: results.offset) }
        return output
    }
}
