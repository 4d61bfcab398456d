import Foundation
import Testing

/// Mesa's processor driver for programs that a test starts, under the validation layer where it is installed.
enum MesaDevice {
    private static let driver = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"
    private static let layer = "VK_LAYER_KHRONOS_validation"
    private static let layerFile = "/usr/share/vulkan/explicit_layer.d/VkLayer_khronos_validation.json"

    /// Whether the driver is installed.
    static let isInstalled = FileManager.default.fileExists(atPath: driver)
    private static let isValidating = FileManager.default.fileExists(atPath: layerFile)

    /// What a program needs to find the driver.
    static let driverEnvironment = ["VK_ICD_FILENAMES": driver]

    /// What a program needs to find the driver and the layer.
    static let environment =
        driverEnvironment.merging(
            // The loader then tells what it loads.
            isValidating ? ["VK_INSTANCE_LAYERS": layer, "VK_LOADER_DEBUG": "layer"] : [:]
        ) { $1 }

    /// Expects that the layer was there, where it is installed, and objected to nothing.
    static func expectNoObjection(_ result: CommandResult) {
        let text = result.output + result.errors
        if isValidating { #expect(text.contains(layer), "the validation layer was not loaded") }
        // Every message of the layer names a rule so.
        for mark in ["VUID-", "UNASSIGNED-", "Validation Error", "Validation Warning"] {
            #expect(!text.contains(mark), "\(text)")
        }
    }
}
