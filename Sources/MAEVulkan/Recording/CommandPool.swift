import CVulkan
import MAECompute

/// Command buffers of one owner, which uses them from one thread at a time.
struct CommandPool {
    private let pool: DeviceObject
    private let device: Device

    init(on device: Device) throws(ComputeError) {
        self.device = device
        pool = try DeviceObject(on: device, .createCommandPool, destroy: device.functions.vkDestroyCommandPool) {
            pool in
            var information = VkCommandPoolCreateInfo()
            information.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO
            information.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT.rawValue
            information.queueFamilyIndex = device.physical.queueFamily ?? 0
            return device.functions.vkCreateCommandPool(device.handle, &information, nil, &pool)
        }
    }

    /// A command buffer that lives as long as the pool.
    func commandBuffer() throws(ComputeError) -> VkCommandBuffer {
        var buffer: VkCommandBuffer?
        try device.calls.run(.allocateCommandBuffers) {
            var information = VkCommandBufferAllocateInfo()
            information.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO
            information.commandPool = pool.handle
            information.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY
            information.commandBufferCount = 1
            return device.functions.vkAllocateCommandBuffers(device.handle, &information, &buffer)
        }
        guard let buffer else { throw ComputeError(VK_ERROR_OUT_OF_HOST_MEMORY, of: .allocateCommandBuffers) }
        return buffer
    }

    /// Records into `buffer`, in place of what it held; it may then be submitted any number of times.
    func record(
        _ buffer: VkCommandBuffer, _ body: (Recorder) throws(ComputeError) -> Void
    ) throws(ComputeError) {
        try device.calls.run(.beginCommandBuffer) {
            var information = VkCommandBufferBeginInfo()
            information.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO
            return device.functions.vkBeginCommandBuffer(buffer, &information)
        }
        try body(Recorder(buffer: buffer, functions: device.functions))
        try device.calls.run(.endCommandBuffer) { device.functions.vkEndCommandBuffer(buffer) }
    }
}
