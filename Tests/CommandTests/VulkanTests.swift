import Foundation
import TestSupport
import Testing

@Suite("Vulkan from the command line")
struct VulkanTests {
    private static let noDriver = [
        "VK_ICD_FILENAMES": "/no/such/driver.json", "VK_DRIVER_FILES": "/no/such/driver.json",
    ]
    private static let mesa = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"

    private static func infer(_ backend: String, _ environment: [String: String] = [:]) async throws -> (
        result: CommandResult, output: TemporaryDirectory
    ) {
        let output = try TemporaryDirectory()
        let result = try await Program.coordinator.run(
            [
                "infer", "--model", Goldens.path("checkpoints/hub5"), "--batch-size", "3", "--decoder", "--backend",
                backend,
                "--output", output.path,
            ], environment: environment)
        return (result, output)
    }

    @Test("without a driver the backend is unavailable and says what to do, and the processor stays usable")
    func noDriver() async throws {
        let (result, _) = try await Self.infer("vulkan", Self.noDriver)
        #expect(result.exitCode == 69)
        #expect(result.errors.contains("--backend cpu"), "\(result.errors)")
        let worker = try await Program.worker.run(
            ["--connect", "tcp://127.0.0.1:9", "--backend", "vulkan"], environment: Self.noDriver)
        #expect(worker.exitCode == 69)
        #expect(worker.errors.contains("--backend cpu"), "\(worker.errors)")
        #expect(try await Self.infer("cpu", Self.noDriver).result.exitCode == 0)
    }

    @Test("a list of devices without a driver says so", arguments: [["--list-devices"]])
    func emptyList(arguments: [String]) async throws {
        let result = try await Program.worker.run(arguments, environment: Self.noDriver)
        #expect(result.exitCode == 69 || result.output.contains("no Vulkan device"), "\(result.output)\(result.errors)")
    }

    @Test("a backend that is none is a usage error", arguments: ["vulkan:", "vulkan:-1", "vulkan:x", "gpu"])
    func refusesNames(backend: String) async throws {
        let (result, _) = try await Self.infer(backend)
        #expect(result.exitCode == 64)
        #expect(result.errors.contains("--backend"), "\(result.errors)")
    }

    @Test(
        "the device is listed with its class, and writes the same files as the processor",
        .enabled(if: FileManager.default.fileExists(atPath: mesa), "Mesa's processor driver is not installed"))
    func sameFiles() async throws {
        let environment = ["VK_ICD_FILENAMES": Self.mesa]
        let list = try await Program.worker.run(["--list-devices"], environment: environment)
        #expect(list.exitCode == 0, "\(list.errors)")
        for word in [
            "vulkan:0", "llvmpipe", "cpu", "MiB", "canonical-v1", "fma-float64", "native form", "known answers match",
        ] {
            #expect(list.output.contains(word), "\(list.output)")
        }
        let processor = try await Self.infer("cpu")
        let device = try await Self.infer("vulkan:0", environment)
        #expect(device.result.exitCode == 0, "\(device.result.errors)")
        for name in ["layernorm", "pooled", "logits", "mask", "ids_restore"] {
            let written = FileManager.default.contents(atPath: device.output.file(name + ".npy"))
            #expect(written != nil)
            #expect(written == FileManager.default.contents(atPath: processor.output.file(name + ".npy")), "\(name)")
        }
        let missing = try await Self.infer("vulkan:7", environment).result
        #expect(missing.exitCode == 69)
        #expect(missing.errors.contains("7"), "\(missing.errors)")
    }
}
