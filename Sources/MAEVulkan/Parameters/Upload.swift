import CVulkan
import MAECompute
import MAETensor

/// Copies tensors to a device through one piece of staging memory.
struct Upload {
    private let device: Device
    private let staging: MemoryBlock
    private let commands: CommandPool
    private let buffer: VkCommandBuffer
    private let fence: DeviceObject
    private var copies: [(source: DeviceBuffer, target: DeviceBuffer)] = []
    private var used = 0

    private static let mostStagingBytes = 16 << 20

    init(on device: Device) throws(ComputeError) {
        self.device = device
        staging = try MemoryBlock(
            .staging, byteCount: min(Self.mostStagingBytes, device.physical.limits.allocation), on: device)
        commands = try CommandPool(on: device)
        buffer = try commands.commandBuffer()
        fence = try DeviceObject.fence(on: device)
    }

    /// Puts `weights`, one after the other, into `target`.
    mutating func copy(_ weights: [Weight], to target: DeviceBuffer) throws {
        var offset = target.offset
        for weight in weights {
            try weight.read { tensor in
                try tensor.withUnsafeElements { elements in
                    try copy(UnsafeRawBufferPointer(elements), to: target.block, at: offset)
                }
            }
            offset += weight.count * MemoryLayout<Float>.stride
        }
    }

    private mutating func copy(
        _ bytes: UnsafeRawBufferPointer, to block: MemoryBlock, at offset: Int
    ) throws(ComputeError) {
        var done = 0
        while done < bytes.count {
            if used == staging.byteCount { try finish() }
            let count = min(bytes.count - done, staging.byteCount - used)
            staging.write(UnsafeRawBufferPointer(rebasing: bytes[done..<done + count]), at: used)
            copies.append(
                (
                    DeviceBuffer(block: staging, offset: used, byteCount: count),
                    DeviceBuffer(block: block, offset: offset + done, byteCount: count)
                ))
            used += count
            done += count
        }
    }

    /// Carries out what is pending.
    mutating func finish() throws(ComputeError) {
        guard !copies.isEmpty else { return }
        let copies = copies
        try commands.record(buffer) { recorder in
            for copy in copies { recorder.copy(copy.source, to: copy.target) }
            recorder.barrier(from: .copies, to: .shaders)
        }
        try device.run(buffer, fence: fence)
        self.copies = []
        used = 0
    }
}
