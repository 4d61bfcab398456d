import CVulkan
import MAECompute

/// The Vulkan loader, found at run time: programs run without it too.
struct Library: @unchecked Sendable {
    // Sendable: function pointers that never change once they are found.

    let functions: mae_vk_global

    /// The name that the loader has on Linux.
    static let standardName = "libvulkan.so.1"

    /// Opens the loader named `name`; it stays open for the life of the process.
    init(name: String = standardName) throws(ComputeError) {
        // The table has no empty value: its fields are never null once it is filled.
        let table = UnsafeMutablePointer<mae_vk_global>.allocate(capacity: 1)
        defer { table.deallocate() }
        var missing: UnsafePointer<CChar>?
        let isLoaded = name.withCString { name in mae_vk_load_global(name, table, &missing) }
        guard isLoaded else {
            throw ComputeError(
                .unsupportedDevice,
                "this machine has no Vulkan loader (\(name)): install it, Debian's package is libvulkan1, or use "
                    + "--backend cpu")
        }
        functions = table.pointee
    }
}

extension String {
    /// Text in a fixed array of characters, such as `VkPhysicalDeviceProperties.deviceName`.
    init<Characters>(fixedArray characters: Characters) {
        self = withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Bytes in a fixed array, such as `VkPhysicalDeviceIDProperties.deviceUUID`, as hexadecimal digits.
    init<Bytes>(hexOf bytes: Bytes) {
        self = withUnsafeBytes(of: bytes) { bytes in
            bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
    }
}
