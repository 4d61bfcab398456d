import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Vulkan from the command line")
struct VulkanTests {
    private static let noDriver = [
        "VK_ICD_FILENAMES": "/no/such/driver.json", "VK_DRIVER_FILES": "/no/such/driver.json",
    ]

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
        .enabled(if: MesaDevice.isInstalled, "Mesa's processor driver is not installed"))
    func sameFiles() async throws {
        let environment = MesaDevice.environment
        let list = try await Program.worker.run(["--list-devices"], environment: environment)
        #expect(list.exitCode == 0, "\(list.errors)")
        MesaDevice.expectNoObjection(list)
        for word in [
            "vulkan:0", "llvmpipe", "cpu", "MiB", "canonical-v1", "fma-float64", "native form", "known answers match",
        ] {
            #expect(list.output.contains(word), "\(list.output)")
        }
        let processor = try await Self.infer("cpu")
        let device = try await Self.infer("vulkan:0", environment)
        #expect(device.result.exitCode == 0, "\(device.result.errors)")
        MesaDevice.expectNoObjection(device.result)
        for name in ["layernorm", "pooled", "logits", "mask", "ids_restore"] {
            let written = FileManager.default.contents(atPath: device.output.file(name + ".npy"))
            #expect(written != nil)
            #expect(written == FileManager.default.contents(atPath: processor.output.file(name + ".npy")), "\(name)")
        }
        let missing = try await Self.infer("vulkan:7", environment).result
        #expect(missing.exitCode == 69)
        #expect(missing.errors.contains("7"), "\(missing.errors)")
    }

    @Test(
        "a worker on the device agrees with one on the processor bit for bit, and the report says why both are in the class",
        .enabled(if: MesaDevice.isInstalled, "Mesa's processor driver is not installed"))
    func cluster() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods + ["--batches", "2"])
        let processor = try site.worker("processor")
        let device = try site.worker("device", "--backend", "vulkan:0", environment: MesaDevice.environment)
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(try site.report.objects("cells").count == 12)
        let nodes = try site.report.objects("nodes")
        #expect(Set(nodes.compactMap { $0["backend"] }) == ["cpu", "vulkan"])
        let reason = try #require(nodes.first { $0["backend"] == "vulkan" }?["class_reason"])
        #expect(reason.contains("the probe passes in the float64 form"), "\(reason)")
        for worker in [processor, device] { worker.send(signal: SIGTERM) }
        #expect(try await processor.result().exitCode == 0)
        let end = try await device.result()
        #expect(end.exitCode == 0, "\(end.errors)")
        #expect(end.errors.contains(reason), "\(end.errors)")
        MesaDevice.expectNoObjection(end)
    }
}
