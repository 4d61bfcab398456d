import FaultTestSupport
import Foundation
import TestSupport
import Testing

@Suite("mae-coord verify of an honest worker and one with a planted fault", .serialized)
struct PlantedFaultTests {
    @Test("ends with exit code 1 and names the node", arguments: FaultCase.all.filter(\.isSeenInOutput).sampled())
    func found(_ fault: FaultCase) async throws { try await check(fault) }

    @Test(
        "ends with exit code 1 and names the node that errs on its Vulkan device",
        .enabled(if: MesaDevice.isInstalled, "Mesa's processor driver is not installed"))
    func vulkan() async throws { try await check(FaultCase.vulkan, environment: MesaDevice.environment) }

    private func check(_ fault: FaultCase, environment: [String: String] = [:]) async throws {
        let folder = try TemporaryDirectory()
        try FaultModel.write(to: folder.file("model"))
        let site = try await VerifySite(
            [
                "--method", "pretrained=\(folder.file("model"))", "--batches", "2",
                "--batch-size", "\(FaultModel.images)", "--bind", "ipc://\(folder.file("socket"))",
            ], folder: folder)
        let workers = [try site.worker("honest"), try site.faultyWorker("faulty", fault, environment: environment)]
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss(workers)
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")
        let sentences = try site.report.objects("findings").filter { $0["severity"] == "error" }
            .compactMap { $0["sentence"] as String? }
        #expect(sentences.contains { $0.contains("faulty") && !$0.contains("honest") }, "\(result.output)")
    }

    @Test("a worker of a release knows no option for a fault, and no variable")
    func release() async throws {
        let refused = try await Program.worker.run("--fault", "bit=1")
        #expect(refused.exitCode == 64 && refused.errors.contains("Unknown option '--fault'"), "\(refused.errors)")
        let help = try await Program.worker.run("--help")
        #expect(!help.output.contains("fault SPEC") && !help.output.contains("--fault"))
        let faulty = try await Program.faultyWorker.run("--fault", "bit=99")
        #expect(faulty.exitCode == 64, "\(faulty.errors)")
    }
}
