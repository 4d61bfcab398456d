import CVulkan

/// Writes commands into a command buffer.
struct Recorder {
    let buffer: VkCommandBuffer
    let functions: mae_vk_device

    /// Runs a shader once; `push` are its problem sizes.
    func dispatch(
        _ pipeline: DeviceObject, _ layout: DeviceObject, _ set: VkDescriptorSet, push: [UInt32],
        groups: (UInt32, UInt32, UInt32)
    ) {
        functions.vkCmdBindPipeline(buffer, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.handle)
        var set: VkDescriptorSet? = set
        functions.vkCmdBindDescriptorSets(
            buffer, VK_PIPELINE_BIND_POINT_COMPUTE, layout.handle, 0, 1, &set, 0, nil)
        push.withUnsafeBytes { bytes in
            functions.vkCmdPushConstants(
                buffer, layout.handle, VK_SHADER_STAGE_COMPUTE_BIT.rawValue, 0, UInt32(bytes.count), bytes.baseAddress)
        }
        functions.vkCmdDispatch(buffer, groups.0, groups.1, groups.2)
    }

    /// Copies all of `source` to the start of `target`; nothing when it is empty.
    func copy(_ source: DeviceBuffer, to target: DeviceBuffer) {
        guard source.byteCount > 0 else { return }
        var region = VkBufferCopy(
            srcOffset: VkDeviceSize(source.offset), dstOffset: VkDeviceSize(target.offset),
            size: VkDeviceSize(source.byteCount))
        functions.vkCmdCopyBuffer(buffer, source.block.buffer.handle, target.block.buffer.handle, 1, &region)
    }

    /// Makes all of a block on the device NaN.
    func forget(_ block: MemoryBlock) {
        functions.vkCmdFillBuffer(buffer, block.buffer.handle, 0, VK_WHOLE_SIZE, .max)
    }

    /// Makes everything written before visible to everything after, and lets nothing after begin early.
    ///
    /// One barrier for all: operations of a forward pass follow each other anyway.
    func barrier(from source: Stage, to target: Stage) {
        var barrier = VkMemoryBarrier()
        barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER
        barrier.srcAccessMask = source.access
        barrier.dstAccessMask = target.access
        functions.vkCmdPipelineBarrier(buffer, source.mask, target.mask, 0, 1, &barrier, 0, nil, 0, nil)
    }

    /// Who reads and writes.
    enum Stage {
        case copies, shaders, host

        fileprivate var mask: VkPipelineStageFlags {
            switch self {
            case .copies: VK_PIPELINE_STAGE_TRANSFER_BIT.rawValue
            case .shaders: VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT.rawValue
            case .host: VK_PIPELINE_STAGE_HOST_BIT.rawValue
            }
        }

        fileprivate var access: VkAccessFlags {
            switch self {
            case .copies: VK_ACCESS_TRANSFER_READ_BIT.rawValue | VK_ACCESS_TRANSFER_WRITE_BIT.rawValue
            case .shaders: VK_ACCESS_SHADER_READ_BIT.rawValue | VK_ACCESS_SHADER_WRITE_BIT.rawValue
            case .host: VK_ACCESS_HOST_READ_BIT.rawValue
            }
        }
    }
}
