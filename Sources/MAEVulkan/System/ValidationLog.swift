import CVulkan
import MAECompute
import Synchronization

/// What Khronos' validation layer says of our use of Vulkan: for tests.
package final class ValidationLog: Sendable {
    static let layer = "VK_LAYER_KHRONOS_validation"
    /// What instances under the layer are made with.
    static let extensions = ["VK_EXT_debug_utils", "VK_EXT_validation_features"]

    private let collected = Mutex<[String]>([])

    /// An empty log.
    package init() {}

    /// Warnings and errors so far.
    package var messages: [String] { collected.withLock { $0 } }

    /// Takes the messages out of the log.
    package func take() -> [String] {
        collected.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }

    private func add(_ message: String) { collected.withLock { $0.append(message) } }

    /// Whether the layer is installed.
    package static var isAvailable: Bool {
        guard let functions = try? Library().functions else { return false }
        var count: UInt32 = 0
        _ = functions.vkEnumerateInstanceLayerProperties(&count, nil)
        var layers = [VkLayerProperties](repeating: VkLayerProperties(), count: Int(count))
        _ = functions.vkEnumerateInstanceLayerProperties(&count, &layers)
        return layers.contains { String(fixedArray: $0.layerName) == layer }
    }

    /// Calls `body` with what an instance is asked for in addition to the layer: to look for missing barriers, too.
    static func withFeatures<Result>(_ body: (UnsafeRawPointer) -> Result) -> Result {
        var synchronization = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT
        return withUnsafePointer(to: &synchronization) { synchronization in
            var features = VkValidationFeaturesEXT()
            features.sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT
            features.enabledValidationFeatureCount = 1
            features.pEnabledValidationFeatures = synchronization
            return withUnsafePointer(to: &features) { body(UnsafeRawPointer($0)) }
        }
    }

    /// Subscribes to the messages about `instance`; returns what ends the subscription.
    func attach(to instance: VkInstance, _ library: Library, _ calls: Calls) throws(ComputeError) -> () -> Void {
        let get = library.functions.vkGetInstanceProcAddr
        guard let create = get(instance, "vkCreateDebugUtilsMessengerEXT"),
            let destroy = get(instance, "vkDestroyDebugUtilsMessengerEXT")
        else { throw ComputeError(VK_ERROR_EXTENSION_NOT_PRESENT, of: .createMessenger) }
        var information = VkDebugUtilsMessengerCreateInfoEXT()
        information.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT
        information.messageSeverity =
            VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT.rawValue
            | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT.rawValue
        information.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT.rawValue
        // The log outlives the messenger: the instance holds it until the messenger is destroyed.
        information.pUserData = Unmanaged.passUnretained(self).toOpaque()
        information.pfnUserCallback = { _, _, data, context in
            guard let context, let text = data?.pointee.pMessage else { return doNotAbort }
            Unmanaged<ValidationLog>.fromOpaque(context).takeUnretainedValue().add(String(cString: text))
            return doNotAbort
        }
        var messenger: VkDebugUtilsMessengerEXT?
        // The loader gives every function as one type of pointer; these are the types that the names stand for.
        let typedCreate = unsafeBitCast(create, to: CreateMessenger.self)
        let typedDestroy = unsafeBitCast(destroy, to: DestroyMessenger.self)
        try calls.run(.createMessenger) { typedCreate(instance, &information, nil, &messenger) }
        return { typedDestroy(instance, messenger, nil) }
    }

    private typealias CreateMessenger =
        @convention(c) (
            VkInstance?, UnsafePointer<VkDebugUtilsMessengerCreateInfoEXT>?, UnsafePointer<VkAllocationCallbacks>?,
            UnsafeMutablePointer<VkDebugUtilsMessengerEXT?>?
        ) -> VkResult
    private typealias DestroyMessenger =
        @convention(c) (VkInstance?, VkDebugUtilsMessengerEXT?, UnsafePointer<VkAllocationCallbacks>?) -> Void
}

/// What a callback returns so that the call it reports on goes on (`VK_FALSE`).
private let doNotAbort: VkBool32 = 0
