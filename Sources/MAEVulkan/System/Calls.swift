import CVulkan
import MAECompute

/// The one place where results of Vulkan functions are checked.
package struct Calls: Sendable {
    /// Says with which `VkResult` a function shall fail, or nil to let it run; for tests.
    package typealias ForcedFailure = @Sendable (VulkanFunction) -> Int32?

    private let forcedFailure: ForcedFailure?
    /// How long work that should take no time at all may take before it counts as hung.
    let timeout: Duration

    /// Calls that are made, but for those that `forcedFailure` makes fail.
    package init(timeout: Duration = .seconds(60), forcedFailure: ForcedFailure? = nil) {
        self.timeout = timeout
        self.forcedFailure = forcedFailure
    }

    /// Makes a call and throws what its result means when it failed; one that is forced to fail is not made.
    func run(_ function: VulkanFunction, _ body: () -> VkResult) throws(ComputeError) {
        let result = forcedFailure?(function).map(VkResult.init(rawValue:)) ?? body()
        guard result == VK_SUCCESS || result == VK_INCOMPLETE else { throw ComputeError(result, of: function) }
    }

    /// Waits for work under way: what is forced comes in the place of the result, once the work has ended.
    func wait(_ body: () -> VkResult) -> VkResult {
        let result = body()
        guard result != VK_TIMEOUT else { return result }
        return forcedFailure?(.waitForFences).map(VkResult.init(rawValue:)) ?? result
    }
}

extension ComputeError {
    /// What a failed call means to the caller of the backend.
    init(_ result: VkResult, of function: VulkanFunction) {
        let name = function.rawValue
        switch result {
        case VK_ERROR_OUT_OF_HOST_MEMORY, VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_OUT_OF_POOL_MEMORY,
            VK_ERROR_FRAGMENTED_POOL:
            self.init(
                .outOfMemory,
                "the Vulkan device has no memory left (\(name)): use a smaller batch, or run fewer programs on it")
        case VK_ERROR_DEVICE_LOST:
            self.init(.deviceLost, "the Vulkan device was lost (\(name)): see the kernel's log for its driver's reason")
        case VK_ERROR_INCOMPATIBLE_DRIVER, VK_ERROR_INITIALIZATION_FAILED:
            self.init(
                .unsupportedDevice,
                "no Vulkan driver works here (\(name)): install one, such as Debian's mesa-vulkan-drivers, or use "
                    + "--backend cpu")
        default:
            // What fails while work is handed over leaves the device in an unknown state.
            let isRunning = function == .submit || function == .waitForFences
            self.init(
                isRunning ? .deviceLost : .unsupportedDevice,
                "the Vulkan driver refused \(name) with result \(result.rawValue): update the driver, or use "
                    + "--backend cpu")
        }
    }
}
