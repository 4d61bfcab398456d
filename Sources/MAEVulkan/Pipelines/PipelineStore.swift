import CVulkan
import MAECompute
import Synchronization

/// Pipelines of a device in one form of fma: each is made on first use and kept.
final class PipelineStore: Sendable {
    let device: Device
    let form: FusedForm
    let setLayout: DeviceObject
    let layout: DeviceObject

    /// Buffers that a shader may see, numbered from 0.
    static let bindingCount = 5
    /// Bytes of a shader's problem sizes.
    static let pushBytes = 32

    private struct Key: Hashable {
        let shader: Shader
        let constants: [UInt32]
    }

    private let pipelines = Mutex<[Key: DeviceObject]>([:])

    init(_ form: FusedForm, on device: Device) throws(ComputeError) {
        self.device = device
        self.form = form
        let setLayout = try Self.makeSetLayout(on: device)
        layout = try Self.makeLayout(setLayout, on: device)
        self.setLayout = setLayout
    }

    /// The pipeline of a shader with the given specialization constants, numbered from 0.
    func pipeline(_ shader: Shader, _ constants: [UInt32]) throws(ComputeError) -> DeviceObject {
        try pipelines.withLock { pipelines throws(ComputeError) in
            let key = Key(shader: shader, constants: constants)
            if let pipeline = pipelines[key] { return pipeline }
            let pipeline = try make(module(of: shader), constants)
            pipelines[key] = pipeline
            return pipeline
        }
    }

    private func module(of shader: Shader) throws(ComputeError) -> DeviceObject {
        let words: [UInt32]
        do {
            words = try SPIRVModule(shader.words(form)).declaring(device.physical.arithmetic, form: form).words
        } catch {
            preconditionFailure("shader \(shader) is broken at word \(error.position)")
        }
        return try DeviceObject(on: device, .createShaderModule, destroy: device.functions.vkDestroyShaderModule) {
            module in
            words.withUnsafeBufferPointer { words in
                var information = VkShaderModuleCreateInfo()
                information.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO
                information.codeSize = words.count * MemoryLayout<UInt32>.stride
                information.pCode = words.baseAddress
                return device.functions.vkCreateShaderModule(device.handle, &information, nil, &module)
            }
        }
    }

    private func make(_ module: DeviceObject, _ constants: [UInt32]) throws(ComputeError) -> DeviceObject {
        let size = MemoryLayout<UInt32>.stride
        let entries = constants.indices.map {
            VkSpecializationMapEntry(constantID: UInt32($0), offset: UInt32($0 * size), size: size)
        }
        return try DeviceObject(on: device, .createPipeline, destroy: device.functions.vkDestroyPipeline) { pipeline in
            constants.withUnsafeBytes { bytes in
                entries.withUnsafeBufferPointer { entries in
                    var specialization = VkSpecializationInfo(
                        mapEntryCount: UInt32(entries.count), pMapEntries: entries.baseAddress, dataSize: bytes.count,
                        pData: bytes.baseAddress)
                    return withUnsafePointer(to: &specialization) { specialization in
                        "main".withCString { name in
                            var information = VkComputePipelineCreateInfo()
                            information.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO
                            information.layout = layout.handle
                            information.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO
                            information.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT
                            information.stage.module = module.handle
                            information.stage.pName = name
                            information.stage.pSpecializationInfo = specialization
                            return device.functions.vkCreateComputePipelines(
                                device.handle, nil, 1, &information, nil, &pipeline)
                        }
                    }
                }
            }
        }
    }

    private static func makeSetLayout(on device: Device) throws(ComputeError) -> DeviceObject {
        let bindings = (0..<bindingCount).map { index in
            VkDescriptorSetLayoutBinding(
                binding: UInt32(index), descriptorType: VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, descriptorCount: 1,
                stageFlags: VK_SHADER_STAGE_COMPUTE_BIT.rawValue, pImmutableSamplers: nil)
        }
        return try DeviceObject(
            on: device, .createDescriptorSetLayout, destroy: device.functions.vkDestroyDescriptorSetLayout
        ) { layout in
            bindings.withUnsafeBufferPointer { bindings in
                var information = VkDescriptorSetLayoutCreateInfo()
                information.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO
                information.bindingCount = UInt32(bindings.count)
                information.pBindings = bindings.baseAddress
                return device.functions.vkCreateDescriptorSetLayout(device.handle, &information, nil, &layout)
            }
        }
    }

    private static func makeLayout(_ setLayout: DeviceObject, on device: Device) throws(ComputeError) -> DeviceObject {
        var set: VkDescriptorSetLayout? = setLayout.handle
        var push = VkPushConstantRange(
            stageFlags: VK_SHADER_STAGE_COMPUTE_BIT.rawValue, offset: 0, size: UInt32(pushBytes))
        return try DeviceObject(
            on: device, .createPipelineLayout, destroy: device.functions.vkDestroyPipelineLayout
        ) { layout in
            withUnsafePointer(to: &set) { set in
                withUnsafePointer(to: &push) { push in
                    var information = VkPipelineLayoutCreateInfo()
                    information.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO
                    information.setLayoutCount = 1
                    information.pSetLayouts = set
                    information.pushConstantRangeCount = 1
                    information.pPushConstantRanges = push
                    return device.functions.vkCreatePipelineLayout(device.handle, &information, nil, &layout)
                }
            }
        }
    }
}
