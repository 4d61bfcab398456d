import CVulkan
import MAECompute
import Synchronization

/// A connection to the drivers of this machine.
final class Instance: @unchecked Sendable {
    // Sendable: nothing changes after the initializer but an atomic, and Vulkan lets any thread use an instance that none
    // destroys.

    let handle: VkInstance
    let functions: mae_vk_instance
    let calls: Calls
    private let validation: ValidationLog?
    private var endValidation: (() -> Void)?
    private let abandoned = Atomic(false)

    /// Version 1.2, which has what we ask devices for.
    static let version: UInt32 = 1 << 22 | 2 << 12

    /// Connects to the drivers through `library`; `validation` takes the messages of the validation layer, which is then
    /// asked for.
    init(_ library: Library, calls: Calls, validation: ValidationLog? = nil) throws(ComputeError) {
        var available: UInt32 = 0
        try calls.run(.enumerateInstanceVersion) { library.functions.vkEnumerateInstanceVersion(&available) }
        guard available >= Self.version else {
            throw ComputeError(.unsupportedDevice, "the Vulkan loader is older than version 1.2: update it")
        }
        self.calls = calls
        self.validation = validation
        let handle = try Self.create(library, calls, validates: validation != nil)
        let table = UnsafeMutablePointer<mae_vk_instance>.allocate(capacity: 1)
        defer { table.deallocate() }
        var missing: UnsafePointer<CChar>?
        let isLoaded = withUnsafePointer(to: library.functions) { global in
            mae_vk_load_instance(global, handle, table, &missing)
        }
        guard isLoaded else {
            Self.destroy(handle, library)
            let name = missing.map { String(cString: $0) } ?? "a function"
            throw ComputeError(.unsupportedDevice, "the Vulkan loader lacks \(name): update it")
        }
        self.handle = handle
        functions = table.pointee
        // Everything is set: should this fail, the deinitializer destroys the instance.
        endValidation = try validation?.attach(to: handle, library, calls)
    }

    deinit {
        if isAbandoned {
            // The messenger lives on, and may have something to say.
            if let validation { _ = Unmanaged.passRetained(validation) }
            return
        }
        endValidation?()
        functions.vkDestroyInstance(handle, nil)
    }

    /// Destroys an instance whose functions could not all be found.
    private static func destroy(_ handle: VkInstance, _ library: Library) {
        guard let destroy = library.functions.vkGetInstanceProcAddr(handle, "vkDestroyInstance") else { return }
        // The loader gives every function as one type of pointer; this is the type that the name stands for.
        unsafeBitCast(destroy, to: PFN_vkDestroyInstance.self)(handle, nil)
    }

    /// Destroys a device whose own functions could not all be found.
    func destroy(_ device: VkDevice) {
        guard let destroy = functions.vkGetDeviceProcAddr(device, "vkDestroyDevice") else { return }
        // As above.
        unsafeBitCast(destroy, to: PFN_vkDestroyDevice.self)(device, nil)
    }

    /// Whether work hangs on one of its devices: drivers wait for that when the instance is destroyed, too.
    var isAbandoned: Bool { abandoned.load(ordering: .acquiring) }

    /// Leaves the instance as it is for the life of the process.
    func abandon() {
        abandoned.store(true, ordering: .releasing)
        Self.anyAbandoned.store(true, ordering: .releasing)
    }

    /// Whether any instance of this process was abandoned.
    static let anyAbandoned = Atomic(false)

    private static func create(_ library: Library, _ calls: Calls, validates: Bool) throws(ComputeError) -> VkInstance {
        var application = VkApplicationInfo()
        application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO
        application.apiVersion = version
        // The arrays live until the call is over.
        let layers = CStrings(validates ? [ValidationLog.layer] : [])
        let extensions = CStrings(validates ? ValidationLog.extensions : [])
        var instance: VkInstance?
        try calls.run(.createInstance) {
            withUnsafePointer(to: application) { application in
                ValidationLog.withFeatures { features in
                    var information = VkInstanceCreateInfo()
                    information.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO
                    information.pNext = validates ? features : nil
                    information.pApplicationInfo = application
                    information.enabledLayerCount = UInt32(layers.count)
                    information.ppEnabledLayerNames = layers.pointers
                    information.enabledExtensionCount = UInt32(extensions.count)
                    information.ppEnabledExtensionNames = extensions.pointers
                    return library.functions.vkCreateInstance(&information, nil, &instance)
                }
            }
        }
        withExtendedLifetime((layers, extensions)) {}
        guard let instance else { throw ComputeError(VK_ERROR_INITIALIZATION_FAILED, of: .createInstance) }
        return instance
    }

    /// The devices of this machine, in the loader's order.
    func physicalDevices() throws(ComputeError) -> [PhysicalDevice] {
        var count: UInt32 = 0
        try calls.run(.enumeratePhysicalDevices) { functions.vkEnumeratePhysicalDevices(handle, &count, nil) }
        var handles = [VkPhysicalDevice?](repeating: nil, count: Int(count))
        try calls.run(.enumeratePhysicalDevices) { functions.vkEnumeratePhysicalDevices(handle, &count, &handles) }
        return handles.prefix(Int(count)).compactMap(\.self).map { PhysicalDevice($0, of: functions) }
    }
}

/// C strings with a C array over them.
private final class CStrings {
    let count: Int
    var pointers: UnsafePointer<UnsafePointer<CChar>?> { UnsafePointer(table) }
    private let strings: [UnsafeMutablePointer<CChar>]
    private let table: UnsafeMutablePointer<UnsafePointer<CChar>?>

    init(_ texts: [String]) {
        count = texts.count
        strings = texts.map { text in
            let characters = text.utf8CString
            let string = UnsafeMutablePointer<CChar>.allocate(capacity: characters.count)
            for (index, character) in characters.enumerated() { (string + index).initialize(to: character) }
            return string
        }
        table = .allocate(capacity: max(texts.count, 1))
        for (index, string) in strings.enumerated() { (table + index).initialize(to: UnsafePointer(string)) }
    }

    deinit {
        strings.forEach { $0.deallocate() }
        table.deallocate()
    }
}
