import CVulkan
import MAECompute
import Synchronization

/// An open device with one queue; everything made on it holds it, so it is destroyed last.
final class Device: @unchecked Sendable {
    // Sendable: nothing changes after the initializer but what a lock guards, and Vulkan lets any thread use a device. Only
    // the queue needs one thread at a time: `queue` is used under its lock.

    let handle: VkDevice
    let functions: mae_vk_device
    let physical: PhysicalDevice
    let calls: Calls
    private let instance: Instance
    private let queue: Mutex<QueueHandle>

    /// Opens `physical`, with 64-bit numbers in shaders where it has them.
    init(_ physical: PhysicalDevice, of instance: Instance) throws(ComputeError) {
        if let obstacle = physical.obstacle {
            throw ComputeError(.unsupportedDevice, "\(physical.name) cannot be used: \(obstacle)")
        }
        self.physical = physical
        self.instance = instance
        calls = instance.calls
        let family = physical.queueFamily ?? 0
        let handle = try Self.create(physical, family: family, of: instance)
        let table = UnsafeMutablePointer<mae_vk_device>.allocate(capacity: 1)
        defer { table.deallocate() }
        var missing: UnsafePointer<CChar>?
        let isLoaded = withUnsafePointer(to: instance.functions) { mae_vk_load_device($0, handle, table, &missing) }
        guard isLoaded else {
            instance.destroy(handle)
            let name = missing.map { String(cString: $0) } ?? "a function"
            throw ComputeError(.unsupportedDevice, "the driver of \(physical.name) lacks \(name): update it")
        }
        self.handle = handle
        functions = table.pointee
        var queue: VkQueue?
        functions.vkGetDeviceQueue(handle, family, 0, &queue)
        self.queue = Mutex(QueueHandle(queue: queue))
    }

    deinit {
        if !isAbandoned { functions.vkDestroyDevice(handle, nil) }
    }

    /// The queue, in a form that may be moved into a lock.
    private struct QueueHandle: @unchecked Sendable {
        // Sendable: reached through the lock only.
        let queue: VkQueue?
    }

    private static func create(
        _ physical: PhysicalDevice, family: UInt32, of instance: Instance
    ) throws(ComputeError) -> VkDevice {
        var device: VkDevice?
        var features = VkPhysicalDeviceFeatures()
        features.shaderFloat64 = physical.arithmetic.float64 ? 1 : 0
        var priority: Float = 1
        try instance.calls.run(.createDevice) {
            withUnsafePointer(to: &priority) { priority in
                var queue = VkDeviceQueueCreateInfo()
                queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO
                queue.queueFamilyIndex = family
                queue.queueCount = 1
                queue.pQueuePriorities = priority
                return withUnsafePointer(to: &queue) { queue in
                    withUnsafePointer(to: &features) { features in
                        var information = VkDeviceCreateInfo()
                        information.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO
                        information.queueCreateInfoCount = 1
                        information.pQueueCreateInfos = queue
                        information.pEnabledFeatures = features
                        return instance.functions.vkCreateDevice(physical.handle, &information, nil, &device)
                    }
                }
            }
        }
        guard let device else { throw ComputeError(VK_ERROR_INITIALIZATION_FAILED, of: .createDevice) }
        return device
    }

    /// Whether work hangs on the device: then nothing may be destroyed, since that waits for it without end.
    var isAbandoned: Bool { instance.isAbandoned }

    /// Carries out recorded commands and returns when they are done.
    ///
    /// - Parameter seconds: what the work should take by a rough guess.
    /// - Throws: ``ComputeError`` `deviceHung` when it takes very much longer, and `deviceLost` when it cannot be waited
    ///   for; in both cases the instance is abandoned. `deviceHung` too, before anything is handed over, when it was
    ///   abandoned.
    func run(_ commands: VkCommandBuffer, fence: DeviceObject, expected seconds: Double = 0) throws(ComputeError) {
        guard !isAbandoned else {
            throw ComputeError(
                .deviceHung, "\(physical.name) still has work that did not end, and gets no more: end this program")
        }
        let limit = calls.timeout + .seconds(50 * seconds)
        var fenceHandle: VkFence? = fence.handle
        try calls.run(.resetFences) { functions.vkResetFences(handle, 1, &fenceHandle) }
        try queue.withLock { queue throws(ComputeError) in
            var commands: VkCommandBuffer? = commands
            try calls.run(.submit) {
                withUnsafePointer(to: &commands) { commands in
                    var submission = VkSubmitInfo()
                    submission.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO
                    submission.commandBufferCount = 1
                    submission.pCommandBuffers = commands
                    return functions.vkQueueSubmit(queue.queue, 1, &submission, fence.handle)
                }
            }
        }
        // What was waited is counted, since a clock goes on while this process is stopped or the machine sleeps.
        let slice = Duration.milliseconds(250)
        var waited = Duration.zero
        repeat {
            let result = calls.wait { functions.vkWaitForFences(handle, 1, &fenceHandle, 1, 250_000_000) }
            if result == VK_SUCCESS { return }
            if result == VK_ERROR_DEVICE_LOST { throw ComputeError(result, of: .waitForFences) }
            guard result == VK_TIMEOUT else {
                // Whether the work goes on is not known, so what it may write to is not freed.
                instance.abandon()
                throw ComputeError(
                    .deviceLost,
                    "\(physical.name) cannot be waited for (vkWaitForFences gave \(result.rawValue)): see the kernel's "
                        + "log for its driver's reason")
            }
            waited += slice
        } while waited < limit
        instance.abandon()
        throw ComputeError(
            .deviceHung,
            "\(physical.name) has not done its work after \(limit): it hangs, or other programs keep it busy; end this "
                + "program and see the kernel's log for its driver's reason")
    }
}
