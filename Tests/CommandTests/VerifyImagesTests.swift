import Foundation
import Glibc
import MAETensor
import TestSupport
import Testing

@Suite("mae-coord verify --images, with real processes", .serialized)
struct VerifyImagesTests {
    /// A tiny model and five images in three files of the folder `images`.
    private let folder: TemporaryDirectory
    private let pixels: Tensor

    init() async throws {
        folder = try await VerifySite.tinyModel()
        let values = (0..<5 * 3072).map { (index: Int) -> Float in Float(index % 251) / 125 - 1 }
        pixels = Tensor(shape: [5, 3, 32, 32], elements: values)
        try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: false)
        try pixels.rows(0..<1).reshaped(to: [3, 32, 32]).writeNpy(to: images + "/a.npy")
        try pixels.rows(1..<4).writeNpy(to: images + "/b.npy")
        try pixels.rows(4..<5).writeNpy(to: images + "/c.npy")
    }

    private var images: String { folder.file("images") }
    private var method: [String] { ["--method", "pretrained=\(folder.file("model"))"] }

    private func inputs(_ report: JSONObject) throws -> [Double: Set<String>] {
        let cells = try report.objects("cells")
        return Dictionary(grouping: cells) { $0.number("batch") ?? -1 }.mapValues { cells in
            Set(cells.compactMap { $0["input_sha256"] as String? })
        }
    }

    @Test("two workers compute on every image, fetch those that they do not have, and agree")
    func agreement() async throws {
        let site = try await VerifySite(
            method + ["--images", images, "--batch-size", "2", "--html", folder.file("report.html")])
        // The coordinator has the files open; the workers find nothing at the path.
        try FileManager.default.moveItem(atPath: images, toPath: folder.file("elsewhere"))
        let workers = [
            try site.worker("left", "--cache", folder.file("left")),
            try site.worker("right", "--cache", folder.file("right"), "--isa", "scalar"),
        ]
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("agree bit for bit") && result.output.contains("5 images of \(images)"))
        try await VerifySite.dismiss(workers)
        // The last batch has the one image that is left.
        let expected = [0..<2, 2..<4, 4..<5].map { Set([pixels.rows($0).digest().description]) }
        let report = try site.report
        #expect(try inputs(report) == Dictionary(uniqueKeysWithValues: zip([0, 1, 2], expected)))
        let settings = try report.object("settings")
        #expect(settings.number("batches") == 3 && settings.number("batch_size") == 2)
        let told = try settings.object("images")
        #expect(told["path"] == images && told.number("count") == 5)
        #expect(told["files_digest"]?.count == 64)
        #expect(try told.objects("files").compactMap { $0["name"] } == ["a.npy", "b.npy", "c.npy"])
        let page = try String(contentsOfFile: folder.file("report.html"), encoding: .utf8)
        #expect(page.contains(images))
    }

    @Test("outputs that are not finite since an image is not are laid to the images, and to no machine")
    func notFinite() async throws {
        try Tensor(shape: [3, 32, 32], elements: Array(repeating: .nan, count: 3072)).writeNpy(to: images + "/a.npy")
        let site = try await VerifySite(
            ["--method", "pretrained@mask_ratio=0=\(folder.file("model"))", "--images", images], folder: folder)
        let workers = [try site.worker("left"), try site.worker("right")]
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss(workers)
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")
        let finding = try #require(
            try site.report.objects("findings").first { $0["code"] == "output-not-finite" })
        #expect(finding["remedy"] == "Correct the images, and begin a new run.")
        #expect(result.output.contains("3072 of 15360 pixel values"), "\(result.output)")
        // What was computed with is told, not what the checkpoint says.
        let configuration = try #require(try site.report.objects("configurations").first)
        let ratio = try #require(try configuration.objects("values").first { $0["name"] == "mask_ratio" })
        #expect(ratio["value"] == "0.0" && ratio["from"] == "flag", "\(ratio)")
        #expect(result.output.contains("mask_ratio as each method sets it"), "\(result.output)")
    }

    @Test("a changed byte of one image is other work: --resume refuses it, and a new run has other digests")
    func changedByte() async throws {
        let site = try await VerifySite(
            method + ["--images", images, "--run", "first", "--timeout", "1"], folder: folder)
        #expect(try await site.coordinator.result().exitCode == 3)
        let before: String? = try site.report.object("settings").object("images")["files_digest"]
        // A picture that comes to lie next to the tensors of a run is no part of it.
        let preview = images + "/preview.png"
        try Data(Goldens.bytes("pictures/rgb.png")).write(to: URL(fileURLWithPath: preview))
        let alike = try await Program.coordinator.run([
            "verify", "--store", folder.file("store"), "--resume", "first", "--bind", "tcp://127.0.0.1:*", "--timeout",
            "1",
        ])
        #expect(alike.exitCode == 3, "\(alike.errors)")
        try FileManager.default.removeItem(atPath: preview)

        var bytes = try Data(contentsOf: URL(fileURLWithPath: images + "/b.npy"))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: images + "/b.npy"))
        let resumed = try await Program.coordinator.run([
            "verify", "--store", folder.file("store"), "--resume", "first", "--bind", "tcp://127.0.0.1:*",
        ])
        #expect(resumed.exitCode == 65, "\(resumed.errors)")
        #expect(resumed.errors.contains("\(images) holds other files than when run first began"), "\(resumed.errors)")
        let other = try await Program.coordinator.run([
            "verify", "--store", folder.file("store"), "--resume", "first", "--images", folder.file("other"),
        ])
        let refusal = "--images \(folder.file("other")): run first was planned with"
        #expect(other.exitCode == 64 && other.errors.contains(refusal), "\(other.errors)")

        let again = try await VerifySite(method + ["--images", images], workers: 1)
        let worker = try again.worker("one")
        _ = try await again.coordinator.result()
        try await VerifySite.dismiss([worker])
        #expect(try again.report.object("settings").object("images")["files_digest"] != before)
        #expect(try inputs(again.report)[0] != [pixels.digest().description])
    }

    @Test("what is no images is refused before the run begins, in the words of infer")
    func refused() async throws {
        let empty = folder.file("empty")
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: false)
        try Tensor(shape: [3, 16, 16], repeating: 0).writeNpy(to: folder.file("small.npy"))
        try Tensor(shape: [32, 32], repeating: 0).writeNpy(to: folder.file("flat.npy"))
        try NpyArray<Int64>(shape: [3, 32, 32], elements: Array(repeating: 0, count: 3072))
            .writeNpy(to: folder.file("whole.npy"))
        _ = try folder.write("picture.png", [0x89, 0x50, 0x4E, 0x47])
        let mixed = folder.file("mixed")
        try FileManager.default.createDirectory(atPath: mixed, withIntermediateDirectories: false)
        try Tensor(shape: [3, 32, 32], repeating: 0).writeNpy(to: mixed + "/a.npy")
        try Tensor(shape: [3, 16, 16], repeating: 0).writeNpy(to: mixed + "/b.npy")
        let faults = ["small.npy", "flat.npy", "whole.npy", "picture.png", "absent"].map(folder.file) + [empty, mixed]
        for path in faults {
            let infer = try await Program.coordinator.run([
                "infer", "--model", folder.file("model"), "--output", folder.file("out"), "--images", path,
            ])
            let verify = try await Program.coordinator.run(
                ["verify", "--store", folder.file("store"), "--images", path, "--bind", "tcp://127.0.0.1:*"] + method)
            #expect(infer.exitCode == 65 && verify.exitCode == 65, "\(path): \(verify.exitCode)")
            #expect(verify.errors == infer.errors, "\(path)")
        }
        let runs = try await Program.coordinator.run(["runs", "--store", folder.file("store"), "--json"])
        #expect(try runs.json.objects("runs").isEmpty)
    }

    @Test(
        "pictures are prepared here and fetched as tensors; the report has them and what was done, and a replay does it again"
    )
    func pictures() async throws {
        let photos = folder.file("photos")
        for name in ["420.jpg", "rgb.png", "palette.png"] {
            _ = try folder.write("photos/" + name, try Goldens.bytes("pictures/" + name))
        }
        try pixels.rows(4..<5).writeNpy(to: photos + "/last.npy")
        let site = try await VerifySite(
            method + ["--images", photos, "--batch-size", "3", "--run", "night", "--html", folder.file("report.html")],
            folder: folder)
        // These may read every file, and find other ones at the path: nothing is to be said of that.
        let workers = [try site.worker("left"), try site.worker("right", "--isa", "scalar")]
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss(workers)
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(!result.output.contains("other files"), "\(result.output)")
        let words = "3 pictures (1 JPEG, 2 PNG), resized to 32 × 32 (bilinear), values × 1/255"
        #expect(result.errors.contains(words), "\(result.errors)")
        let told = try site.report.object("settings").object("images")
        #expect(told["path"] == photos && told.number("count") == 4 && told["preprocessing"]?.hasPrefix(words) == true)
        #expect(told["preprocessor_config"]?.hasPrefix("{\"do_resize\":true") == true)
        #expect(
            try told.objects("pictures").compactMap { $0["name"] } == ["420.jpg", "last.npy", "palette.png", "rgb.png"])
        #expect(try told.objects("files").compactMap { $0["name"] } == ["0.npy", "1.npy", "2.npy", "3.npy"])
        let page = try String(contentsOfFile: folder.file("report.html"), encoding: .utf8)
        #expect(page.contains(words))
        #expect(page.contains("<td>pictures</td><td>420.jpg, last.npy, palette.png, rgb.png</td>"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("store/prepared")).isEmpty)

        let replay = ["replay", "night", "--cell", "left/pretrained/0", "--store", folder.file("store")]
        let again = try await Program.coordinator.run(replay)
        #expect(again.exitCode == 0, "\(again.output)\(again.errors)")
        _ = try folder.write("photos/rgb.png", try Goldens.bytes("pictures/rgba.png"))
        let changed = try await Program.coordinator.run(replay)
        #expect(changed.exitCode == 65 && changed.errors.contains("\(photos) holds other files"), "\(changed.errors)")
    }

    @Test(
        "for more pictures than files may be open the limit is raised; where it cannot be, that is told, with what to do"
    )
    func manyPictures() async throws {
        let (count, limit) = (320, 300)
        for picture in 0..<count {
            _ = try folder.write("photos/\(picture).png", try Goldens.bytes("pictures/gray.png"))
        }
        func verify(_ options: String) async throws -> CommandResult {
            let words = try [
                Program.coordinator.path, "verify", "--store", folder.file("store\(options)"), "--images",
                folder.file("photos"), "--batch-size", "\(count)", "--local", "2",
            ]
            return try await RunningCommand(
                program: "/bin/sh",
                arguments: ["-c", "ulimit \(options)-n \(limit) && exec \"$@\"", "sh"] + words + method, directory: nil
            ).result()
        }
        let closed = try await verify("")
        let sentence = "\(folder.file("photos")): has \(count) files, each of which takes one that stays open"
        #expect(closed.exitCode == 65 && closed.errors.contains(sentence), "\(closed.errors)")
        #expect(closed.errors.contains("may have \(limit) open: raise that to"), "\(closed.errors)")
        let open = try await verify("-S ")
        #expect(open.exitCode == 0, "\(open.output)\(open.errors)")
    }

    @Test("a damaged picture is named before the run begins, and nothing of the others is left in the store")
    func damagedPicture() async throws {
        _ = try folder.write("photos/a.jpg", try Goldens.bytes("pictures/420.jpg"))
        let damaged = try folder.write("photos/b.jpg", Array(try Goldens.bytes("pictures/420.jpg").prefix(1000)))
        let result = try await Program.coordinator.run(
            [
                "verify", "--store", folder.file("store"), "--images", folder.file("photos"), "--bind",
                "tcp://127.0.0.1:*",
            ]
                + method)
        #expect(
            result.exitCode == 65 && result.errors.contains("\(damaged): is damaged or cut short"), "\(result.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("store/prepared")).isEmpty)
        let runs = try await Program.coordinator.run(["runs", "--store", folder.file("store"), "--json"])
        #expect(try runs.json.objects("runs").isEmpty)
    }

    @Test("options that do not fit the images are usage errors")
    func usage() async throws {
        let noise = folder.file("noise.npy")
        try Tensor(shape: [2, 16], repeating: 0.5).writeNpy(to: noise)
        let cases = [
            (["--batches", "4", "--batch-size", "2"], "--batches 4: the 5 images of \(images) make 3 batches of 2"),
            (["--noise", "file=\(noise)", "--batch-size", "2"], "give a --batch-size that divides them"),
            (["--workers", "9", "--replicas", "2", "--batch-size", "2"], "give --batches 5 or more"),
        ]
        for (options, message) in cases {
            let result = try await Program.coordinator.run(
                ["verify", "--store", folder.file("store"), "--images", images] + method + options)
            #expect(result.exitCode == 64 && result.errors.contains(message), "\(result.errors)")
        }
    }
}
