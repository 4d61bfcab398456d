import Foundation
import ProcessTestSupport
import TestSupport
import Testing

@Suite(
    "mae-coord verify with PyTorch itself", .serialized,
    .enabled(if: RealWitness.python != nil, RealWitness.absence))
struct WitnessTests {
    private let options = ["--batches", "2", "--batch-size", "2", "--mask-ratio", "0.75"]

    /// Carries a run out on two workers and the witness, and lets them go.
    private func finish(
        _ site: VerifySite, _ witness: RunningCommand
    ) async throws -> CommandResult {
        let workers = [try site.worker("a"), try site.worker("b")]
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss(workers + [witness])
        return result
    }

    @Test("agrees within tolerance by every loading method, with the figures, now and again on one machine")
    func agrees() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods + options, workers: 3)
        let result = try await finish(site, try RealWitness.start("torch", site))
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains(/^AGREE .*/))
        #expect(
            result.output.contains(/torch +torch-[0-9.]+\/\S+ +~ [0-9.e-]+ 2\/2 +~ [0-9.e-]+ 2\/2 +~/),
            "\(result.output)")
        let witness = try #require(try site.report.objects("witnesses").first)
        #expect(witness["node"] == "torch" && witness.bool("agrees") == true)
        let methods = try witness.objects("methods")
        #expect(methods.compactMap { $0["method"] } == ["pretrained", "full", "state-dict"])
        #expect(methods.allSatisfy { $0.number("max").map { (1e-9...2e-5).contains($0) } == true })
        #expect(try site.report.strings("suspect_nodes").isEmpty)
        let codes = try site.report.objects("findings").filter { $0["severity"] != "note" }.compactMap { $0["code"] }
        #expect(codes.isEmpty, "\(codes)")
        #expect(try site.report.object("referee").objects("float64").first?.bool("dispute") == false)
        let store = ["--store", site.folder.file("store")]
        let nodes = try await Program.coordinator.run(["nodes", "--verbose"] + store)
        #expect(nodes.output.contains("transformers") && nodes.output.contains("cpu capability"), "\(nodes.output)")
        let run = try #require(try site.report["run"])
        let replay = try await Program.coordinator.run(["replay", run, "--cell", "torch/full/0"] + store)
        #expect(replay.exitCode == 0, "\(replay.output)\(replay.errors)")
        #expect(
            replay.output.contains("torch computes in another class: its outputs are within the tolerance, by up to "))
    }

    @Test("one that lies is named, with the layer where it parts and what float64 says")
    func lies() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods + options, workers: 3)
        let witness = try RealWitness.start(
            "torch", site,
            prelude: """
                from mae_witness import forward
                honest = forward.run
                def run(vit, *rest):
                    block = list(vit.layers if hasattr(vit, "layers") else vit.encoder.layer)[1]
                    def lie(module, inputs, output):
                        (output[0] if isinstance(output, tuple) else output)[..., 0] += 0.05
                    hook = block.register_forward_hook(lie)
                    try:
                        return honest(vit, *rest)
                    finally:
                        hook.remove()
                forward.run = run
                """)
        let result = try await finish(site, witness)
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")
        let causes = try site.report.objects("findings").filter { $0["severity"] == "error" }
        #expect(causes.compactMap { $0["code"] } == ["class-gap"], "\(result.output)")
        let cause = try #require(causes.first)
        #expect(cause["sentence"]?.contains(" on torch is wrong.") == true, "\(result.output)")
        let evidence = try cause.strings("evidence")
        #expect(
            evidence.contains { $0.hasPrefix("The first layer beyond the tolerance is `vit.encoder.layer.1`: ") },
            "\(evidence)")
        #expect(try site.report.strings("suspect_nodes") == ["torch"])
    }

    @Test("a model that was pickled in training mode is the cause, and nothing else is named")
    func trainingMode() async throws {
        let folder = try TemporaryDirectory()
        let made = try await RealWitness.run([
            "-c",
            """
            import sys, torch, transformers
            model = transformers.ViTMAEForPreTraining.from_pretrained(sys.argv[1], hidden_dropout_prob=0.5)
            model.train()
            torch.save(model, sys.argv[2])
            """, Goldens.path("checkpoints/hub4"), folder.file("model.pth"),
        ]).result()
        try #require(made.exitCode == 0, "\(made.errors)")
        let site = try await VerifySite(
            [
                "--method", "pretrained=\(Goldens.path("checkpoints/hub4"))", "--method",
                "full=\(folder.file("model.pth"))",
            ] + options, workers: 3)
        let result = try await finish(site, try RealWitness.start("torch", site))
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")
        let causes = try site.report.objects("findings").filter {
            $0["severity"] == "error" && $0["code"]?.hasPrefix("load-") == false
        }
        #expect(causes.compactMap { $0["code"] } == ["training-mode"], "\(result.output)")
        #expect(causes.first?["python"]?.hasPrefix("model.eval()") == true)
        #expect(try site.report.strings("suspect_nodes").isEmpty)
    }

    @Test("without leave to read pickles it refuses that method, and the run says so")
    func refuses() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods + options, workers: 3)
        let result = try await finish(site, try RealWitness.start("torch", site, []))
        #expect(result.exitCode == 2, "\(result.output)\(result.errors)")
        #expect(result.output.contains("refused by policy"), "\(result.output)")
        #expect(try site.findingCodes().contains("work-failed"))
    }
}
