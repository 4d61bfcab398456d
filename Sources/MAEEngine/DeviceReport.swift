import MAECompute
import MAEVulkan

/// A Vulkan device of this machine and how it was classed.
public struct DeviceReport: Sendable {
    /// The device.
    public let listing: DeviceListing
    /// Class that it computes in; nil when it cannot be opened.
    public let numericClass: String?
    /// How it fuses multiplications and additions, when it can be opened.
    public let form: String?
    /// Why it is in its class, or why it cannot be opened.
    public let reason: String

    /// Every Vulkan device, none of them opened.
    ///
    /// - Throws: ``ComputeError`` `unsupportedDevice` when this machine has no Vulkan loader or no driver.
    public static func listings() throws(ComputeError) -> [DeviceListing] { try DeviceListing.all() }

    /// Opens every Vulkan device, probes it and asks it the known questions.
    ///
    /// - Throws: ``ComputeError`` `unsupportedDevice` when this machine has no Vulkan loader or no driver.
    public static func all() throws -> [DeviceReport] {
        try listings().map { listing in
            do {
                let engine = try Engine(EngineOptions(backend: .vulkan(device: listing.index)))
                return DeviceReport(
                    listing: listing, numericClass: engine.description.numericClass,
                    form: engine.description.instructionSet, reason: engine.classReason)
            } catch let error as ComputeError {
                return DeviceReport(listing: listing, numericClass: nil, form: nil, reason: error.message)
            }
        }
    }
}
