import Foundation
import MAECheckpoint
import MAEFormats

/// The language of `preprocessor_config.json`.
extension Preprocessing {
    /// What a `preprocessor_config.json` in the first of `folders` says that has one, each a folder or a model's name in the local hub
    /// cache; else what ViT-MAE's own processor does, to the size that a model takes.
    ///
    /// Values that the file leaves out are those of transformers' `ViTImageProcessor`.
    ///
    /// - Throws: `CheckpointError` for a file that cannot be read, or that asks for what is not done here.
    public static func find(in folders: [String], otherwise extent: Extent) throws(CheckpointError) -> Preprocessing {
        guard let file = try PreprocessorFile.find(in: folders) else {
            return viTMAE(extent)
        }
        return try Preprocessing(file, origin: file.path)
    }

    /// What ``settings`` says.
    ///
    /// - Throws: `CheckpointError` for a text that is none.
    public init(settings: String, origin: String) throws(CheckpointError) {
        let text = Array(settings.utf8)
        let content: JSONValue
        do throws(JSONReader.Problem) {
            content = try text.span.withUnsafeBytes { bytes throws(JSONReader.Problem) in try JSONReader.read(bytes) }
        } catch {
            throw CheckpointError(.malformedFile, path: origin, "is no JSON: \(error.message)")
        }
        self = try Preprocessing(PreprocessorFile(path: origin, content: content), origin: origin)
    }

    /// All of it as a `preprocessor_config.json` on one line, which transformers reads too.
    public var settings: String {
        var members = [JSONMember(key: "do_resize", value: .bool(size != nil))]
        func add(_ key: String, _ value: JSONValue) { members.append(JSONMember(key: key, value: value)) }
        switch size {
        case .exact(let extent): add("size", Self.json(extent))
        case .shortestEdge(let edge): add("size", .members(["shortest_edge": .integer(edge)]))
        case nil: break
        }
        add("resample", .integer(filter.rawValue))
        add("do_center_crop", .bool(crop != nil))
        if let crop { add("crop_size", Self.json(crop)) }
        add("do_rescale", .bool(factor != nil))
        if let factor { add("rescale_factor", .number(factor)) }
        add("do_normalize", .bool(normalization != nil))
        if let normalization {
            add("image_mean", .array(normalization.mean.map { .number($0) }))
            add("image_std", .array(normalization.deviation.map { .number($0) }))
        }
        return JSONValue.object(members).compactText
    }

    private static func json(_ extent: Extent) -> JSONValue {
        .members(["height": .integer(extent.height), "width": .integer(extent.width)])
    }

    /// Steps of other processors, which are not done here.
    private static let foreignSteps = [
        "do_pad", "do_flip_channel_order", "do_thumbnail", "do_align_long_axis", "do_grayscale",
    ]

    /// Mean and deviation of every channel where a file has none: those of `ViTImageProcessor`.
    package static let standardFigure = 0.5

    private init(_ file: PreprocessorFile, origin: String) throws(CheckpointError) {
        for step in Self.foreignSteps where try file.flag(step) == true {
            throw file.problem(
                step, "asks for what is not done here: give what the processor returns, saved with numpy.save")
        }
        let resizes = try file.flag("do_resize") ?? true
        size = resizes ? try Self.size(file) : nil
        filter = try Self.filter(file)
        crop = nil
        if try file.flag("do_center_crop") == true {
            guard let extent = try Self.extent("crop_size", file) else {
                throw file.problem("crop_size", "is not there, and do_center_crop is true")
            }
            crop = extent
        }
        factor = nil
        if try file.flag("do_rescale") ?? true {
            let values = try file.channelValues("rescale_factor") { $0.isFinite && $0 > 0 } ?? [1.0 / 255]
            guard values.count == 1 else { throw file.problem("rescale_factor", "is no single number") }
            factor = values[0]
        }
        normalization = nil
        if try file.flag("do_normalize") ?? true {
            normalization = Normalization(
                mean: try Self.byChannel("image_mean", file, where: \.isFinite),
                deviation: try Self.byChannel("image_std", file) { $0.isFinite && $0 > 0 })
        }
        self.origin = origin
    }

    private static func byChannel(
        _ key: String, _ file: PreprocessorFile, where isAllowed: (Double) -> Bool
    ) throws(CheckpointError) -> [Double] {
        let values = try file.channelValues(key, where: isAllowed) ?? [standardFigure]
        if values.count == 1 { return Array(repeating: values[0], count: Picture.channels) }
        guard values.count == Picture.channels else {
            throw file.problem(key, "has \(values.count) values; pictures have red, green and blue")
        }
        return values
    }

    private static func filter(_ file: PreprocessorFile) throws(CheckpointError) -> ResamplingFilter {
        guard let value = file.value("resample") else { return .bilinear }
        guard let filter = value.int.flatMap(ResamplingFilter.init) else {
            throw file.problem("resample", "is no number from 0 to 5, as Pillow's filters have them")
        }
        return filter
    }

    private static func size(_ file: PreprocessorFile) throws(CheckpointError) -> Size {
        if let edge = file.value("size")?["shortest_edge"], edge != .null {
            guard let edge = edge.int, (1...longestSide).contains(edge), file.value("size")?.members?.count == 1 else {
                throw file.problem("size", "is no shortest_edge alone, from 1 to \(longestSide)")
            }
            return .shortestEdge(edge)
        }
        return .exact(try extent("size", file) ?? .standard)
    }

    /// `224` or `{"height": 224, "width": 224}`.
    private static func extent(_ key: String, _ file: PreprocessorFile) throws(CheckpointError) -> Extent? {
        guard let value = file.value(key) else { return nil }
        guard let height = value.int ?? value["height"]?.int, let width = value.int ?? value["width"]?.int,
            (1...longestSide).contains(height), (1...longestSide).contains(width)
        else {
            throw file.problem(key, "is neither a number from 1 to \(longestSide) nor a height and a width of such")
        }
        return Extent(height: height, width: width)
    }
}
