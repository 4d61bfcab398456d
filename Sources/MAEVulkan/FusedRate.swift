import CVulkan
import MAECompute

/// Fused multiply-adds that touch registers only, in the form that a device computes with: no product does more a second.
package final class FusedRate {
    private let pipelines: PipelineStore
    private let pipeline: DeviceObject
    private let memory: MemoryBlock
    private let descriptors: DescriptorArena
    private let set: VkDescriptorSet
    private let commands: CommandPool
    private let buffer: VkCommandBuffer
    private let fence: DeviceObject
    /// Workgroups of the recorded commands.
    private var recorded = 0

    /// Workgroups that every device takes in one dispatch.
    package static let mostGroups = 65_535

    /// As `fma_rate.comp` has them.
    private static let (invocations, chains) = (64, 16)
    private static let rounds = 512
    /// Any positive number that keeps chains `x · factor + factor` finite.
    private static let factor: Float = 0.5

    init(on pipelines: PipelineStore) throws(ComputeError) {
        let device = pipelines.device
        self.pipelines = pipelines
        pipeline = try pipelines.pipeline(.fmaRate, [])
        memory = try MemoryBlock(.device, byteCount: Self.invocations * MemoryLayout<Float>.stride, on: device)
        descriptors = try DescriptorArena(count: 1, for: pipelines)
        set = try descriptors.set([DeviceBuffer(block: memory, offset: 0, byteCount: memory.byteCount)])
        commands = try CommandPool(on: device)
        buffer = try commands.commandBuffer()
        fence = try DeviceObject.fence(on: device)
    }

    /// Runs `groups` workgroups, from 1 to ``mostGroups``, and returns how many floating-point operations they were, a
    /// multiply-add counting two.
    ///
    /// - Throws: ``ComputeError`` when the device is lost or hangs.
    package func spin(groups: Int) throws(ComputeError) -> Double {
        if groups != recorded {
            try commands.record(buffer) { recorder in
                recorder.dispatch(
                    pipeline, pipelines.layout, set, push: [UInt32(Self.rounds), Self.factor.bitPattern],
                    groups: (UInt32(groups), 1, 1))
            }
            recorded = groups
        }
        try pipelines.device.run(buffer, fence: fence)
        return 2 * Double(groups) * Double(Self.invocations * Self.chains * Self.rounds)
    }
}
