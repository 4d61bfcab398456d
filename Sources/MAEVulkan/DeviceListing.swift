import MAECompute

/// A Vulkan device of this machine, as lists of devices show it.
public struct DeviceListing: Sendable {
    /// Place in the loader's list, as `--backend vulkan:N` takes it.
    public let index: Int
    /// The device's and its driver's own names.
    public let name, driver: String
    /// `discrete`, `integrated`, `virtual`, `cpu` or `other`.
    public let kind: String
    /// Bytes of the device's own memory.
    public let memoryBytes: UInt64
    /// Why the device cannot be used at all; nil when it can.
    public let obstacle: String?

    /// The devices of this machine.
    ///
    /// - Throws: ``ComputeError`` `unsupportedDevice` when there is no Vulkan loader or no driver.
    public static func all() throws(ComputeError) -> [DeviceListing] {
        try Vulkan(Calls()).instance.physicalDevices().enumerated().map { index, device in
            DeviceListing(
                index: index, name: device.name,
                driver: [device.driver, device.driverDetails].filter { !$0.isEmpty }.joined(separator: " "),
                kind: device.kind.rawValue, memoryBytes: device.memoryBytes, obstacle: device.obstacle)
        }
    }
}
