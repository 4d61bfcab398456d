import CVulkan
import MAECompute

/// Descriptor sets: which buffers each dispatch sees.
struct DescriptorArena {
    private let pool: DeviceObject
    private let pipelines: PipelineStore

    /// Makes room for `count` sets.
    init(count: Int, for pipelines: PipelineStore) throws(ComputeError) {
        self.pipelines = pipelines
        let device = pipelines.device
        var size = VkDescriptorPoolSize(
            type: VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
            descriptorCount: UInt32(max(count, 1) * PipelineStore.bindingCount))
        pool = try DeviceObject(
            on: device, .createDescriptorPool, destroy: device.functions.vkDestroyDescriptorPool
        ) { pool in
            withUnsafePointer(to: &size) { size in
                var information = VkDescriptorPoolCreateInfo()
                information.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO
                information.maxSets = UInt32(max(count, 1))
                information.poolSizeCount = 1
                information.pPoolSizes = size
                return device.functions.vkCreateDescriptorPool(device.handle, &information, nil, &pool)
            }
        }
    }

    /// A set whose first bindings are `buffers`; it lives as long as the arena.
    func set(_ buffers: [DeviceBuffer]) throws(ComputeError) -> VkDescriptorSet {
        let device = pipelines.device
        var layout: VkDescriptorSetLayout? = pipelines.setLayout.handle
        var set: VkDescriptorSet?
        try device.calls.run(.allocateDescriptorSets) {
            withUnsafePointer(to: &layout) { layout in
                var information = VkDescriptorSetAllocateInfo()
                information.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO
                information.descriptorPool = pool.handle
                information.descriptorSetCount = 1
                information.pSetLayouts = layout
                return device.functions.vkAllocateDescriptorSets(device.handle, &information, &set)
            }
        }
        guard let set else { throw ComputeError(VK_ERROR_OUT_OF_POOL_MEMORY, of: .allocateDescriptorSets) }
        for (index, buffer) in buffers.enumerated() {
            var range = VkDescriptorBufferInfo(
                buffer: buffer.block.buffer.handle, offset: VkDeviceSize(buffer.offset),
                range: VkDeviceSize(buffer.byteCount))
            withUnsafePointer(to: &range) { range in
                var write = VkWriteDescriptorSet()
                write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET
                write.dstSet = set
                write.dstBinding = UInt32(index)
                write.descriptorCount = 1
                write.descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
                write.pBufferInfo = range
                device.functions.vkUpdateDescriptorSets(device.handle, 1, &write, 0, nil)
            }
        }
        return set
    }
}
