import MAEFormats
import TestSupport
import Testing

@testable import MAEPictures

@Suite("preprocessor_config.json")
struct PreprocessingTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func find(_ text: String) throws -> Preprocessing {
        _ = try folder.write("preprocessor_config.json", Array(text.utf8))
        return try Preprocessing.find(in: ["absent", folder.path], otherwise: .init(height: 8, width: 9))
    }

    @Test("without a file it is ViT-MAE's own, to the model's size; what a file leaves out is ViTImageProcessor's")
    func defaults() throws {
        let own = try Preprocessing.find(in: [folder.path], otherwise: .init(height: 8, width: 9))
        #expect(own.size == .exact(.init(height: 8, width: 9)) && own.normalization == .imageNet)
        #expect(
            own.words.hasPrefix(
                "resized to 9 × 8 (bilinear), values × 1/255, less the mean 0.485 0.456 0.406, over the "))
        let empty = try find("{}")
        #expect(empty.size == .exact(.standard) && empty.normalization?.mean == [0.5, 0.5, 0.5] && empty.crop == nil)
        #expect(empty.words.hasSuffix("(\(folder.path)/preprocessor_config.json)"))
    }

    @Test("null stands for a value that is left out, and what is switched off is not done")
    func switches() throws {
        #expect(try find("{\"size\": null, \"do_center_crop\": null}") == find("{}"))
        let nothing = try find("{\"do_resize\": false, \"do_rescale\": false, \"do_normalize\": false, \"size\": 7}")
        #expect(nothing.size == nil && nothing.factor == nil && nothing.normalization == nil)
        #expect(nothing.words.hasPrefix("not resized ("))
    }

    @Test(
        "what is not done here, or is no value, is refused with file and key",
        arguments: [
            ("size", "{\"size\": 0}"), ("size", "{\"size\": 5000}"), ("size", "{\"size\": \"224\"}"),
            ("size", "{\"size\": {\"height\": 224}}"),
            ("size", "{\"size\": {\"shortest_edge\": 8, \"longest_edge\": 9}}"),
            ("size", "{\"size\": [224, 224]}"), ("resample", "{\"resample\": 6}"),
            ("resample", "{\"resample\": \"bilinear\"}"),
            ("crop_size", "{\"do_center_crop\": true}"), ("do_resize", "{\"do_resize\": 1}"),
            ("rescale_factor", "{\"rescale_factor\": 0}"), ("image_std", "{\"image_std\": [0.1, 0.0, 0.1]}"),
            ("image_mean", "{\"image_mean\": [0.1, 0.2]}"), ("do_pad", "{\"do_pad\": true}"),
        ])
    func refused(key: String, text: String) throws {
        let error = #expect(throws: CheckpointError.self) { try find(text) }
        let words = error.map { "\($0)" } ?? ""
        #expect(words.contains("preprocessor_config.json") && words.contains(key), "\(words)")
    }

    @Test("a shortest edge keeps the proportions, rounded down as transformers does it")
    func proportions() throws {
        let found = try find("{\"size\": {\"shortest_edge\": 30}}")
        #expect(found.fixedExtent == nil)
        #expect(found.extent(ofWidth: 61, height: 47) == .init(height: 30, width: 38))
        #expect(found.extent(ofWidth: 47, height: 61) == .init(height: 38, width: 30))
        #expect(found.extent(ofWidth: 5, height: 5) == .init(height: 30, width: 30))
    }
}
