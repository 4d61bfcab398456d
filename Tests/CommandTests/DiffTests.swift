import TestSupport
import Testing

@Suite("mae-coord checkpoint diff")
struct DiffTests {
    private func diff(_ first: String, _ second: String, _ options: String...) async throws -> CommandResult {
        try await Program.coordinator.run(
            ["checkpoint", "diff", GoldenForm.path(first), GoldenForm.path(second)] + options)
    }

    @Test("forms of one model are equal, whatever names and containers they have", arguments: GoldenForm.all)
    func findsFormsEqual(form: GoldenForm) async throws {
        let result = try await diff("hub4", form.name, "--config", GoldenForm.configuration, "--weights-only")
        #expect(result.exitCode == (form.hasExactWeights ? 0 : 1), "\(result.output)")
        // Nothing but progress, which a slow machine sees.
        #expect(result.errors.split(separator: "\n").allSatisfy { $0.hasPrefix("comparing ") }, "\(result.errors)")
        #expect(result.output.hasSuffix(form.hasExactWeights ? "Equal.\n" : "Different.\n"))
    }

    @Test("one changed weight is named, with its place and size")
    func namesChangedWeight() async throws {
        let result = try await diff("state5.pth", "state-wrong.pth", "--config", GoldenForm.configuration, "--json")
        #expect(result.exitCode == 1)
        let json = try result.json
        #expect(json.bool("equal") == false)
        #expect(json.bool("weights_equal") == false)
        #expect(json.bool("configuration_equal") == true)
        let tensors = try json.objects("tensors")
        #expect(tensors.count == 1)
        #expect(tensors.first?["name"] == "vit.encoder.layer.1.output.dense.weight")
        #expect(tensors.first?.number("differing_elements") == 1)
        #expect(abs(try #require(tensors.first?.number("largest_difference")) - 0.125) < 1e-6)
    }

    @Test(
        "a copy in half precision is told from other weights, and which side is the original",
        arguments: [("state-fp16.pth", "float16"), ("hub-fp16", "float16"), ("state-bf16.pth", "bfloat16")])
    func namesHalfPrecision(copy: String, format: String) async throws {
        let result = try await diff("hub4", copy, "--config", GoldenForm.configuration)
        #expect(result.exitCode == 1)
        let cause =
            "  Cause: each of them in b is exactly that of a rounded to \(format) (to nearest, ties to even). "
            + "a is the original.\n"
        #expect(result.output.contains(cause), "\(result.output)")
        let json = try await diff(copy, "hub4", "--config", GoldenForm.configuration, "--json").json
        let rounding = try json.object("rounding")
        #expect(rounding["format"] == format && rounding["rounded"] == "a" && rounding["original"] == "b")
    }

    @Test("tensors of the encoder are listed before those of the decoder")
    func listsEncoderFirst() async throws {
        let result = try await diff("hub4", "hub-fp16")
        let names = result.output.split(separator: "\n").compactMap { line in
            line.split(separator: " ").first.flatMap { $0.hasPrefix("vit.") || $0.hasPrefix("decoder.") ? $0 : nil }
        }
        #expect(names.count == 20)
        #expect(names.allSatisfy { $0.hasPrefix("vit.") }, "\(names)")
    }

    @Test("other weights are no copy")
    func claimsNoHalfPrecision() async throws {
        for options in [["--config", GoldenForm.configuration], ["--config", GoldenForm.configuration, "--json"]] {
            let result = try await Program.coordinator.run(
                ["checkpoint", "diff", GoldenForm.path("state5.pth"), GoldenForm.path("state-wrong.pth")] + options)
            #expect(result.exitCode == 1)
            #expect(!result.output.contains("Cause") && !result.output.contains("float16"), "\(result.output)")
        }
    }

    @Test("a configuration value that differs is shown with both origins")
    func showsConfiguration() async throws {
        let result = try await diff("hub5", "full-ratio0.pth")
        #expect(result.exitCode == 1)
        let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.contains("mask_ratio 0.75 (config.json) 0.0 (pickled with the model)"))
        #expect(lines.contains("Weights: all 62 tensors are equal, bit for bit."))
        #expect(try await diff("hub5", "full-ratio0.pth", "--weights-only").exitCode == 0)
    }

    @Test("--config goes to the side without a configuration, and to no other")
    func configuresOneSide() async throws {
        let result = try await diff(
            "full-ratio0.pth", "state5.pth", "--config", GoldenForm.configuration, "--json")
        let fields = try result.json.objects("configuration")
        #expect(fields.map { $0["field"] } == ["mask_ratio"])
        #expect(fields.first?["a_origin"] == "pickled-object")
        #expect(fields.first?["b_origin"] == "option")
    }
}
