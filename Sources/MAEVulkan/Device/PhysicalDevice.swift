import CVulkan

/// A device as its driver describes it.
package struct PhysicalDevice: @unchecked Sendable {
    // Sendable: the handle belongs to the instance, which its users hold, and everything else is a value.

    let handle: VkPhysicalDevice
    let name: String
    let driver: String
    let driverDetails: String
    var kind: Kind
    /// Bytes in heaps of the device's own memory.
    let memoryBytes: UInt64
    /// Names device and driver over restarts and other programs, where `name` names a model.
    let identity: String
    package var limits: Limits
    package var arithmetic: Arithmetic
    let memory: VkPhysicalDeviceMemoryProperties
    /// The first family of queues that computes.
    let queueFamily: UInt32?
    private let apiVersion: UInt32

    /// What kind of device it is.
    enum Kind: String, Sendable {
        case discrete, integrated, virtual, cpu, other
    }

    /// Sizes that the device keeps to.
    package struct Limits: Sendable {
        /// Bytes of a buffer that a shader may see at once.
        package var storageRange: Int
        /// Buffers that a shader may see at once.
        package var storageBuffers: Int
        /// Bytes in one allocation.
        package var allocation: Int
        /// Workgroups of a dispatch in x, y and z.
        package var groups: (Int, Int, Int)
        /// Invocations in a workgroup.
        package var invocations: Int
        /// Invocations of a workgroup in x.
        package var groupWidth: Int
        /// Bytes that a workgroup may share.
        package var sharedMemory: Int
        /// Offsets of what shaders see are multiples of this many bytes.
        package var alignment: Int
    }

    /// The float controls that the driver supports (`VkPhysicalDeviceFloatControlsProperties`), and whether it has doubles.
    package struct Arithmetic: Sendable {
        package var roundsToEven32, keepsZeroInfNan32, keepsSubnormals32: Bool
        package var float64, roundsToEven64, keepsZeroInfNan64: Bool
        /// Whether 32-bit numbers may keep subnormals, or be rounded to even, without those of other widths.
        package var keeps32BitSubnormalsAlone, rounds32BitAlone: Bool
    }

    /// Says which float controls the driver lacks for a form of fma; nil when it has all that we ask for.
    func missingFloatControls(for form: FusedForm) -> String? {
        let isWide = form == .float64
        let roundsToEven = arithmetic.roundsToEven32 && (arithmetic.roundsToEven64 || !isWide)
        let keepsZeroInfNan = arithmetic.keepsZeroInfNan32 && (arithmetic.keepsZeroInfNan64 || !isWide)
        let missing = [
            roundsToEven ? nil : "rounding to nearest even", keepsZeroInfNan ? nil : "signed zeros, infinities and NaN",
        ].compactMap(\.self)
        return missing.isEmpty ? nil : "its driver does not promise \(missing.joined(separator: ", nor "))"
    }

    init(_ handle: VkPhysicalDevice, of functions: mae_vk_instance) {
        var driver = VkPhysicalDeviceDriverProperties()
        driver.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES
        var identity = VkPhysicalDeviceIDProperties()
        identity.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES
        var controls = VkPhysicalDeviceFloatControlsProperties()
        controls.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FLOAT_CONTROLS_PROPERTIES
        var maintenance = VkPhysicalDeviceMaintenance3Properties()
        maintenance.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES
        var properties = VkPhysicalDeviceProperties2()
        properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2
        withUnsafeMutablePointer(to: &driver) { driver in
            withUnsafeMutablePointer(to: &controls) { controls in
                withUnsafeMutablePointer(to: &maintenance) { maintenance in
                    withUnsafeMutablePointer(to: &identity) { identity in
                        properties.pNext = UnsafeMutableRawPointer(driver)
                        driver.pointee.pNext = UnsafeMutableRawPointer(controls)
                        controls.pointee.pNext = UnsafeMutableRawPointer(maintenance)
                        maintenance.pointee.pNext = UnsafeMutableRawPointer(identity)
                        functions.vkGetPhysicalDeviceProperties2(handle, &properties)
                    }
                }
            }
        }
        var features = VkPhysicalDeviceFeatures2()
        features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2
        functions.vkGetPhysicalDeviceFeatures2(handle, &features)
        var memory = VkPhysicalDeviceMemoryProperties()
        functions.vkGetPhysicalDeviceMemoryProperties(handle, &memory)
        var familyCount: UInt32 = 0
        functions.vkGetPhysicalDeviceQueueFamilyProperties(handle, &familyCount, nil)
        var families = [VkQueueFamilyProperties](repeating: VkQueueFamilyProperties(), count: Int(familyCount))
        functions.vkGetPhysicalDeviceQueueFamilyProperties(handle, &familyCount, &families)

        let core = properties.properties
        self.handle = handle
        apiVersion = core.apiVersion
        name = String(fixedArray: core.deviceName)
        self.driver = String(fixedArray: driver.driverName)
        driverDetails = String(fixedArray: driver.driverInfo)
        kind = Kind(core.deviceType)
        self.identity = [String(hexOf: identity.deviceUUID), String(hexOf: identity.driverUUID)].joined(separator: " ")
        self.memory = memory
        memoryBytes = memory.heaps.reduce(0) {
            $1.flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT.rawValue == 0 ? $0 : $0 + $1.size
        }
        limits = Limits(
            storageRange: Int(core.limits.maxStorageBufferRange),
            storageBuffers: Int(core.limits.maxPerStageDescriptorStorageBuffers),
            allocation: Int(clamping: maintenance.maxMemoryAllocationSize),
            groups: (
                Int(core.limits.maxComputeWorkGroupCount.0), Int(core.limits.maxComputeWorkGroupCount.1),
                Int(core.limits.maxComputeWorkGroupCount.2)
            ),
            invocations: Int(core.limits.maxComputeWorkGroupInvocations),
            groupWidth: Int(core.limits.maxComputeWorkGroupSize.0),
            sharedMemory: Int(core.limits.maxComputeSharedMemorySize),
            alignment: Int(clamping: core.limits.minStorageBufferOffsetAlignment))
        arithmetic = Arithmetic(
            roundsToEven32: controls.shaderRoundingModeRTEFloat32 != 0,
            keepsZeroInfNan32: controls.shaderSignedZeroInfNanPreserveFloat32 != 0,
            keepsSubnormals32: controls.shaderDenormPreserveFloat32 != 0,
            float64: features.features.shaderFloat64 != 0,
            roundsToEven64: controls.shaderRoundingModeRTEFloat64 != 0,
            keepsZeroInfNan64: controls.shaderSignedZeroInfNanPreserveFloat64 != 0,
            keeps32BitSubnormalsAlone: controls.denormBehaviorIndependence
                != VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_NONE,
            rounds32BitAlone: controls.roundingModeIndependence != VK_SHADER_FLOAT_CONTROLS_INDEPENDENCE_NONE)
        queueFamily = families.firstIndex { $0.queueFlags & VK_QUEUE_COMPUTE_BIT.rawValue != 0 }.map(UInt32.init)
    }

    /// Why our shaders cannot run here at all, or nil when they can.
    var obstacle: String? {
        if apiVersion < Instance.version { return "its driver is older than Vulkan 1.2" }
        if queueFamily == nil { return "it has no queue that computes" }
        let needed = PipelineStore.bindingCount
        if limits.storageBuffers < needed {
            return "its shaders see \(limits.storageBuffers) buffers at once, where ours need \(needed)"
        }
        return nil
    }
}

extension PhysicalDevice.Kind {
    fileprivate init(_ type: VkPhysicalDeviceType) {
        switch type {
        case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: self = .discrete
        case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: self = .integrated
        case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: self = .virtual
        case VK_PHYSICAL_DEVICE_TYPE_CPU: self = .cpu
        default: self = .other
        }
    }
}

extension VkPhysicalDeviceMemoryProperties {
    var heaps: [VkMemoryHeap] {
        withUnsafeBytes(of: memoryHeaps) { Array($0.bindMemory(to: VkMemoryHeap.self).prefix(Int(memoryHeapCount))) }
    }

    var types: [VkMemoryType] {
        withUnsafeBytes(of: memoryTypes) { Array($0.bindMemory(to: VkMemoryType.self).prefix(Int(memoryTypeCount))) }
    }
}
