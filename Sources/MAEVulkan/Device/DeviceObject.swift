import CVulkan
import MAECompute

/// One object of a device, destroyed with the last reference to it and before the device.
final class DeviceObject: @unchecked Sendable {
    // Sendable: the handle never changes. Objects that one thread may use at a time are private to their owners.

    typealias Destroy = @convention(c) (VkDevice?, OpaquePointer?, UnsafePointer<VkAllocationCallbacks>?) -> Void

    let handle: OpaquePointer
    private let device: Device
    private let destroy: Destroy

    /// Keeps what `create` makes by calling `function`.
    init(
        on device: Device, _ function: VulkanFunction, destroy: @escaping Destroy,
        create: (_ object: inout OpaquePointer?) -> VkResult
    ) throws(ComputeError) {
        var object: OpaquePointer?
        try device.calls.run(function) { create(&object) }
        guard let object else { throw ComputeError(VK_ERROR_UNKNOWN, of: function) }
        handle = object
        self.device = device
        self.destroy = destroy
    }

    deinit {
        if !device.isAbandoned { destroy(device.handle, handle, nil) }
    }

    /// A fence, not signalled.
    static func fence(on device: Device) throws(ComputeError) -> DeviceObject {
        try DeviceObject(on: device, .createFence, destroy: device.functions.vkDestroyFence) { fence in
            var information = VkFenceCreateInfo()
            information.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO
            return device.functions.vkCreateFence(device.handle, &information, nil, &fence)
        }
    }
}
