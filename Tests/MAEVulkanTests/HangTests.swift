import Glibc
import MAECompute
import TestSupport
import Testing

@testable import MAEVulkan

@Suite("A Vulkan device that does not end its work", .onDevice)
struct HangTests {
    @Test("is given up, nothing waits for it any more, and the program can end")
    func hang() async {
        await #expect(processExitsWith: .exitCode(69)) {
            // Should anything wait for the device after all, this signal is another ending than the one expected.
            alarm(UInt32(Duration.patience / .seconds(1)))
            do {
                try Self.compute()
            } catch let error as ComputeError where error.code == .deviceHung {
                // Everything on the device has been released by now. As mae-worker ends:
                _exit(69)
            }
        }
    }

    /// Hands over work of many days as if it took no time.
    private static func compute() throws {
        let vulkan = try TestDevice.open(Calls(timeout: .milliseconds(300)))
        let device = try Device(try #require(try vulkan.instance.physicalDevices().first), of: vulkan.instance)
        let pipelines = try PipelineStore(.native, on: device)
        let memory = try MemoryBlock(.device, byteCount: 1 << 16, on: device)
        let descriptors = try DescriptorArena(count: 1, for: pipelines)
        let whole = DeviceBuffer(block: memory, offset: 0, byteCount: memory.byteCount)
        let set = try descriptors.set(Array(repeating: whole, count: PipelineStore.bindingCount))
        let pipeline = try pipelines.pipeline(.linear, ProductTile.small.constants + [0, 0, 0])
        let commands = try CommandPool(on: device)
        let buffer = try commands.commandBuffer()
        // Products of one element each: workgroups beyond it compute, too, what they then do not write.
        try commands.record(buffer) { recorder in
            recorder.dispatch(
                pipeline, pipelines.layout, set, push: [1, 1, 16_384], groups: (65_535, 65_535, 1))
        }
        defer { withExtendedLifetime((descriptors, memory)) {} }
        do {
            try device.run(buffer, fence: DeviceObject.fence(on: device))
        } catch {
            guard device.isAbandoned else { _exit(1) }
            throw error
        }
    }
}
