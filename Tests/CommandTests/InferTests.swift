import Foundation
import MAETensor
import TestSupport
import Testing

@Suite("mae-coord infer")
struct InferTests {
    private func infer(_ model: String, to output: String, _ options: String...) async throws -> CommandResult {
        try await Program.coordinator.run(
            ["infer", "--model", model, "--output", output, "--batch-size", "3"] + options)
    }

    private func summary(_ output: String) throws -> JSONObject {
        try JSONObject(Data(contentsOf: URL(fileURLWithPath: output + "/summary.json")))
    }

    /// A folder that holds a tiny model as `model`.
    private func folderWithModel() async throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        let result = try await Program.coordinator.run(
            "checkpoint", "init", "--preset", "tiny", "--seed", "3", "--output", folder.file("model"))
        #expect(result.exitCode == 0, "\(result.errors)")
        return folder
    }

    @Test("a folder whose name begins with a tilde is that folder, as for every other program")
    func tilde() async throws {
        let folder = try await folderWithModel()
        let result = try await Program.coordinator.run(
            ["infer", "--model", "model", "--output", "~", "--batch-size", "1"], in: folder.path)
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(try summary(folder.file("~")).object("files").keys.count == 5)
    }

    @Test("the output folder holds every array and a summary with all fields")
    func writesFiles() async throws {
        let folder = try await folderWithModel()
        let output = folder.file("out")
        let result = try await infer(folder.file("model"), to: output, "--decoder")
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(
            Set(try FileManager.default.contentsOfDirectory(atPath: output)) == [
                "layernorm.npy", "pooled.npy", "mask.npy", "ids_restore.npy", "noise.npy", "logits.npy", "summary.json",
            ])
        let summary = try summary(output)
        let digest = try #require(summary["layernorm_sha256"])
        #expect(
            result.output.hasPrefix("\(output): layernorm_sha256 \(digest), class canonical-v1, "), "\(result.output)")
        #expect(
            summary.keys.isSuperset(of: [
                "input_sha256", "layernorm_sha256", "pooled_sha256", "weights_sha256", "mask_ratio",
                "mask_ratio_origin",
                "loss", "numeric_class", "isa", "device", "seconds",
            ]))
        #expect(summary.number("mask_ratio") == 0.75)
        #expect(try summary.object("seconds").keys == ["load", "input", "forward"])
        #expect(try #require(summary.number("loss")) > 0)
    }

    @Test("every instruction set and thread count gives the same bits")
    func givesSameBits() async throws {
        let folder = try await folderWithModel()
        var digests: Set<String> = []
        var completed = 0
        for (isa, threads) in [
            ("auto", "1"), ("auto", "2"), ("scalar", "1"), ("scalar", "2"), ("avx2", "2"), ("avx512", "1"),
            ("neon", "2"),
        ] {
            let output = folder.file("\(isa)-\(threads)")
            let result = try await infer(folder.file("model"), to: output, "--isa", isa, "--threads", threads)
            // Not every processor has every instruction set; it says so.
            if result.exitCode == 69 {
                #expect(result.errors.contains(isa), "\(result.errors)")
                #expect(isa != "auto" && isa != "scalar")
                continue
            }
            #expect(result.exitCode == 0, "\(result.errors)")
            completed += 1
            let summary = try summary(output)
            digests.insert(try #require(summary["layernorm_sha256"]) + (summary["pooled_sha256"] ?? ""))
        }
        #expect(completed >= 4)
        #expect(digests.count == 1)
    }

    @Test("all forms of one model give one output")
    func formsGiveOneOutput() async throws {
        let folder = try TemporaryDirectory()
        var digests: Set<String> = []
        for name in ["hub4", "full5.pth", "state5.pth", "lightning-hparams.ckpt", "legacy-full.pth"] {
            let result = try await infer(
                GoldenForm.path(name), to: folder.file("out"), "--config", GoldenForm.configuration)
            #expect(result.exitCode == 0, "\(result.errors)")
            digests.insert(try #require(try summary(folder.file("out"))["layernorm_sha256"]))
        }
        #expect(digests.count == 1)
    }

    @Test("the mask ratio of the command line goes before that of the model, and is named as its origin")
    func followsMaskRatio() async throws {
        let folder = try await folderWithModel()
        for (ratio, tokens) in [("0", 17.0), ("0.5", 9)] {
            let result = try await infer(
                folder.file("model"), to: folder.file(ratio), "--mask-ratio", ratio)
            #expect(result.exitCode == 0, "\(result.errors)")
            let summary = try summary(folder.file(ratio))
            #expect(summary.number("tokens") == tokens)
            #expect(summary["mask_ratio_origin"]?.contains("--mask-ratio") == true)
        }
    }

    @Test("an output folder that cannot be made is named, with code 69")
    func namesUnwritableFolder() async throws {
        let folder = try await folderWithModel()
        let output = folder.file("model/config.json/out")
        let result = try await infer(folder.file("model"), to: output)
        #expect(result.exitCode == 69)
        #expect(result.errors.contains(output))
    }

    @Test("a batch that no machine holds is refused before it is drawn, with what it takes and what there is")
    func refusesBatch() async throws {
        let folder = try await folderWithModel()
        for size in ["1000000000000", "\(Int.max)"] {
            let result = try await Program.coordinator.run(
                "infer", "--model", folder.file("model"), "--output", folder.file("out"), "--batch-size", size)
            #expect(result.exitCode == 69)
            #expect(result.errors.hasPrefix("mae-coord: a batch of \(size) images takes"), "\(result.errors)")
            #expect(
                result.errors.contains(/[0-9.e+]+ TiB of memory, and this machine has [0-9.]+ [KMGT]iB left/),
                "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.file("out")))
        }
        let bench = try await Program.bench.run("model", "--preset", "tiny", "--batch-size", "1000000000000")
        #expect(bench.exitCode == 69)
        #expect(bench.errors.contains("1000000000000 images takes"), "\(bench.errors)")
    }

    @Test("a configuration of a billion layers is refused by its field, with code 65")
    func refusesLayers() async throws {
        let folder = try await folderWithModel()
        let file = folder.file("model/config.json")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try text.replacing(/"num_hidden_layers"\s*:\s*\d+/, with: "\"num_hidden_layers\": 1000000000")
            .write(toFile: file, atomically: true, encoding: .utf8)
        let result = try await infer(folder.file("model"), to: folder.file("out"))
        #expect(result.exitCode == 65)
        #expect(result.errors.contains("num_hidden_layers") && result.errors.contains("1000000000"), "\(result.errors)")
    }

    @Test("pinned threads give the bits of free ones")
    func pins() async throws {
        let folder = try await folderWithModel()
        var digests: Set<String?> = []
        for options in [[], ["--pin"], ["--pin", "--threads", "1"]] {
            let result = try await Program.coordinator.run(
                ["infer", "--model", folder.file("model"), "--output", folder.file("out")] + options)
            #expect(result.exitCode == 0, "\(result.errors)")
            digests.insert(try summary(folder.file("out"))["layernorm_sha256"])
        }
        #expect(digests.count == 1)
    }

    @Test("noise of another shape is refused, naming both shapes")
    func refusesNoise() async throws {
        let folder = try await folderWithModel()
        #expect(try await infer(folder.file("model"), to: folder.file("out")).exitCode == 0)
        let result = try await infer(
            folder.file("model"), to: folder.file("more"), "--noise-file", folder.file("out/layernorm.npy"))
        #expect(result.exitCode == 65)
        #expect(result.errors.contains("16"), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("more")))
    }

    @Test("a folder holds what one run wrote, and nothing of an earlier one")
    func leavesNothingStale() async throws {
        let folder = try await folderWithModel()
        let output = folder.file("out")
        #expect(try await infer(folder.file("model"), to: output, "--decoder").exitCode == 0)
        #expect(FileManager.default.fileExists(atPath: output + "/logits.npy"))
        #expect(try await infer(folder.file("model"), to: output).exitCode == 0)
        #expect(!FileManager.default.fileExists(atPath: output + "/logits.npy"))
        let files = try summary(output).object("files")
        #expect(files.keys == ["layernorm.npy", "pooled.npy", "mask.npy", "ids_restore.npy", "noise.npy"])
    }

    @Test("the summary says where everything came from, and its digests are those of the files")
    func summarizes() async throws {
        let folder = try await folderWithModel()
        let output = folder.file("out")
        #expect(try await infer(folder.file("model"), to: output, "--seed", "7").exitCode == 0)
        let summary = try summary(output)
        #expect(summary.number("schema") == 1 && summary.number("seed") == 7 && summary.bool("finite") == true)
        #expect(summary["images"] == "torch.randn" && summary["noise"] == "torch.rand")
        #expect(try #require(summary["date"]).contains("T"))
        for name in try summary.object("files").keys {
            let data = try Data(contentsOf: URL(fileURLWithPath: output + "/" + name))
            #expect(try summary.object("files")[name] == "\(SHA256Digest(of: data))")
        }
        // The elements of the file, behind its header of 128 bytes.
        let returned = try Data(contentsOf: URL(fileURLWithPath: output + "/layernorm.npy")).dropFirst(128)
        #expect(summary["returned_sha256"] == "\(SHA256Digest(of: returned))")
        #expect(summary["returned_sha256"] != summary["layernorm_sha256"])
    }

    @Test("outputs that are not finite are told")
    func tellsNaN() async throws {
        let folder = try await folderWithModel()
        let images = folder.file("images.npy")
        try Tensor(shape: [2, 3, 32, 32], repeating: .nan).writeNpy(to: images)
        let result = try await Program.coordinator.run(
            "infer", "--model", folder.file("model"), "--output", folder.file("out"), "--images", images)
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.errors.contains("warning: the outputs hold NaN"), "\(result.errors)")
        #expect(try summary(folder.file("out")).bool("finite") == false)
        #expect(try summary(folder.file("out"))["images"] == images)
    }

    @Test("weights that are not finite are told, to programs too")
    func tellsWeights() async throws {
        let folder = try await folderWithModel()
        let file = URL(fileURLWithPath: folder.file("model/model.safetensors"))
        var bytes = try Data(contentsOf: file)
        // The last value of the last tensor.
        bytes.replaceSubrange((bytes.count - 4)..., with: [0, 0, 0xC0, 0x7F])
        try bytes.write(to: file)
        let result = try await Program.coordinator.run(
            "infer", "--model", folder.file("model"), "--output", folder.file("out"))
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.errors.contains("1 weights are NaN or infinite, in "), "\(result.errors)")
        let findings = try summary(folder.file("out")).strings("findings")
        #expect(findings.contains { $0.contains("1 weights are NaN or infinite, in ") }, "\(findings)")
    }

    @Test("pictures of other formats are left alone and counted, and a batch size next to images is refused")
    func tellsOfPictures() async throws {
        let folder = try await folderWithModel()
        let images = folder.file("images")
        try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: true)
        try Tensor(shape: [3, 32, 32], repeating: 0.5).writeNpy(to: images + "/a.npy")
        for name in ["b.webp", "c.GIF"] { _ = try folder.write("images/" + name, [0x89]) }
        let arguments = ["infer", "--model", folder.file("model"), "--output", folder.file("out"), "--images", images]
        let result = try await Program.coordinator.run(arguments)
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.errors.contains("2 pictures of other formats left alone"), "\(result.errors)")
        #expect(try await Program.coordinator.run(arguments + ["--batch-size", "5"]).exitCode == 64)
    }

    @Test("pictures are what the model's preprocessor_config.json makes of them, and are told with it in the summary")
    func preparesPictures() async throws {
        let folder = try await folderWithModel()
        for name in ["420.jpg", "rgb.png"] {
            _ = try folder.write("photos/" + name, try Goldens.bytes("pictures/" + name))
        }
        let values = Tensor(shape: [2, 3, 32, 32], repeating: 0.5)
        try values.writeNpy(to: folder.file("photos/a <b>.npy"))
        let arguments = [
            "infer", "--model", folder.file("model"), "--output", folder.file("out"), "--images", folder.file("photos"),
        ]
        let result = try await Program.coordinator.run(arguments + ["--pictures"])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.errors.contains("images: 2 pictures (1 JPEG, 1 PNG), resized to 32 × 32"), "\(result.errors)")
        let own = try summary(folder.file("out"))
        #expect(try own.strings("pictures") == ["420.jpg: 61 × 47 JPEG", "rgb.png: 37 × 23 PNG"])
        #expect(own["preprocessing"]?.contains("ViT-MAE's own") == true)
        #expect(FileManager.default.fileExists(atPath: folder.file("out/pictures/input-3.png")))
        let page = try String(contentsOfFile: folder.file("out/pictures/index.html"), encoding: .utf8)
        for title in [
            "Image 0: 420.jpg: 61 × 47 JPEG", "Image 1: a &lt;b&gt;.npy, image 0 of it",
            "Image 2: a &lt;b&gt;.npy, image 1 of it", "Image 3: rgb.png: 37 × 23 PNG",
        ] {
            #expect(page.contains("<h3>\(title)</h3>"), "\(title)")
        }
        try FileManager.default.removeItem(atPath: folder.file("photos/a <b>.npy"))

        // The last settings of the goldens, with the digests of what transformers made of two of these pictures.
        let settings =
            "{\"size\": 32, \"resample\": 1, \"do_rescale\": false, \"image_mean\": 127.5, \"image_std\": 100.0}"
        _ = try folder.write("model/preprocessor_config.json", Array(settings.utf8))
        try FileManager.default.removeItem(atPath: folder.file("photos/rgb.png"))
        #expect(try await Program.coordinator.run(arguments).exitCode == 0)
        let expected = "4fb167ed47f324dff3ba8d4d1a26b6cb97688f05c55f81f2cb9d280482f55486"
        #expect(try summary(folder.file("out"))["input_sha256"] == expected)

        _ = try folder.write("photos/z.png", Array(try Goldens.bytes("pictures/rgb.png").dropLast(700)))
        let damaged = try await Program.coordinator.run(arguments)
        #expect(
            damaged.exitCode == 65 && damaged.errors.contains("z.png: is damaged or cut short"), "\(damaged.errors)")
    }
}
