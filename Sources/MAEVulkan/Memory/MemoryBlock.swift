import CVulkan
import Glibc
import MAECompute

/// One allocation with one buffer over all of it; few and large, since drivers grant few.
final class MemoryBlock: @unchecked Sendable {
    // Sendable: the stored properties never change. What `mapped` leads to is written and read by the one owner, between
    // submissions.

    /// What the memory is for.
    enum Use: Sendable {
        /// What shaders read and write.
        case device
        /// What the host writes for copies to the device, and reads after copies from it.
        case staging
    }

    let buffer: DeviceObject
    let byteCount: Int
    /// The memory as the host sees it; nil for memory of the device.
    let mapped: UnsafeMutableRawPointer?
    private let memory: DeviceObject

    /// Takes `byteCount` bytes.
    init(_ use: Use, byteCount: Int, on device: Device) throws(ComputeError) {
        let buffer = try DeviceObject(on: device, .createBuffer, destroy: device.functions.vkDestroyBuffer) { buffer in
            var information = VkBufferCreateInfo()
            information.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO
            information.size = VkDeviceSize(byteCount)
            information.usage =
                VK_BUFFER_USAGE_TRANSFER_SRC_BIT.rawValue | VK_BUFFER_USAGE_TRANSFER_DST_BIT.rawValue
                | (use == .device ? VK_BUFFER_USAGE_STORAGE_BUFFER_BIT.rawValue : 0)
            information.sharingMode = VK_SHARING_MODE_EXCLUSIVE
            return device.functions.vkCreateBuffer(device.handle, &information, nil, &buffer)
        }
        var needs = VkMemoryRequirements()
        device.functions.vkGetBufferMemoryRequirements(device.handle, buffer.handle, &needs)
        guard let type = device.physical.memoryType(for: use, among: needs.memoryTypeBits) else {
            throw ComputeError(.unsupportedDevice, "\(device.physical.name) has no memory for buffers")
        }
        guard needs.size <= device.physical.largestAllocation(of: type) else {
            throw ComputeError(VK_ERROR_OUT_OF_DEVICE_MEMORY, of: .allocateMemory)
        }
        memory = try DeviceObject(on: device, .allocateMemory, destroy: device.functions.vkFreeMemory) { memory in
            var information = VkMemoryAllocateInfo()
            information.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
            information.allocationSize = needs.size
            information.memoryTypeIndex = UInt32(type)
            return device.functions.vkAllocateMemory(device.handle, &information, nil, &memory)
        }
        let memory = memory
        try device.calls.run(.bindBufferMemory) {
            device.functions.vkBindBufferMemory(device.handle, buffer.handle, memory.handle, 0)
        }
        var mapped: UnsafeMutableRawPointer?
        if use == .staging {
            try device.calls.run(.mapMemory) {
                device.functions.vkMapMemory(device.handle, memory.handle, 0, VK_WHOLE_SIZE, 0, &mapped)
            }
        }
        self.buffer = buffer
        self.byteCount = byteCount
        self.mapped = mapped
    }
}

extension MemoryBlock {
    /// Copies `bytes` into staging memory at `offset`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        precondition(offset >= 0 && bytes.count <= byteCount - offset, "staging memory ends before the bytes do")
        guard let mapped, let source = bytes.baseAddress else { return }
        (mapped + offset).copyMemory(from: source, byteCount: bytes.count)
    }

    /// Makes `count` bytes of staging memory at `offset` NaN, so that nothing older passes for a result.
    func forget(_ count: Int, at offset: Int) {
        precondition(offset >= 0 && count <= byteCount - offset, "staging memory ends before the bytes do")
        guard let mapped, count > 0 else { return }
        memset(mapped + offset, 0xFF, count)
    }

    /// Copies fp32 elements out of staging memory at `offset`.
    func read(into elements: UnsafeMutableBufferPointer<Float>, at offset: Int) {
        let count = elements.count * MemoryLayout<Float>.stride
        precondition(offset >= 0 && count <= byteCount - offset, "staging memory ends before the elements do")
        guard let mapped, let target = elements.baseAddress else { return }
        UnsafeMutableRawPointer(target).copyMemory(from: mapped + offset, byteCount: count)
    }
}

/// A part of a block.
struct DeviceBuffer: Sendable {
    let block: MemoryBlock
    let offset: Int
    let byteCount: Int
}

extension PhysicalDevice {
    /// The best type of memory for `use`, among those whose bits are set.
    fileprivate func memoryType(for use: MemoryBlock.Use, among bits: UInt32) -> Int? {
        let local = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT.rawValue
        let shared = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT.rawValue | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT.rawValue
        let cached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT.rawValue
        let wishes: [UInt32] = use == .device ? [local, 0] : [shared | cached, shared]
        let types = memory.types
        for wish in wishes {
            let match = types.indices.first { bits & 1 << $0 != 0 && types[$0].propertyFlags & wish == wish }
            if let match { return match }
        }
        return nil
    }

    /// Bytes that one allocation of a type may have.
    fileprivate func largestAllocation(of type: Int) -> UInt64 {
        min(UInt64(limits.allocation), memory.heaps[Int(memory.types[type].heapIndex)].size)
    }
}
