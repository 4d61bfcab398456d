import MAEFormats

/// Configuration objects and dictionaries inside a pickle.
enum PickledConfiguration {
    /// Whether `object` is a configuration of a ViT-MAE, of transformers' own class or one derived from it.
    static func isViTMAE(_ object: PickleObject) -> Bool {
        isViTMAEConfig(object.callable.global?.name ?? "")
            || object.attribute("model_type")?.string == ViTMAEConfiguration.modelType
            || (object.attribute("decoder_num_hidden_layers") != nil && object.attribute("mask_ratio") != nil)
    }

    private static func isViTMAEConfig(_ name: String) -> Bool {
        name == "ViTMAEConfig" || name.hasSuffix(".ViTMAEConfig")
    }

    /// The values of a configuration object.
    static func source(_ object: PickleObject, path: String) -> ConfigurationSource {
        source(path) { object.attribute($0) }
    }

    /// A configuration and the names on the way to it.
    struct Place {
        let way: [String]
        let source: ConfigurationSource

        /// The way for people.
        var name: String { way.joined(separator: ".").shortName }
    }

    /// Every configuration object, or dictionary that says it is one, in the order of the file.
    ///
    /// Lightning keeps what `save_hyperparameters` was given under `hyper_parameters`. A pickled model has the one that it
    /// computes with, whatever others its modules have.
    static func all(in root: PickleValue, path: String) -> [Place] {
        var found: [Place] = []
        root.walk { visit in
            guard found.count < mostPlaces else { return false }
            if let object = visit.value.object, object.attribute("_modules") != nil,
                let source = PickledModule(object).configurationSource(path: path)
            {
                found.append(Place(way: visit.path.names + ["config"], source: source))
                return false
            }
            if let object = visit.value.object, isViTMAE(object) {
                found.append(Place(way: visit.path.names, source: source(object, path: path)))
            } else if visit.value["model_type"]?.string == ViTMAEConfiguration.modelType {
                found.append(Place(way: visit.path.names, source: source(path) { visit.value[$0] }))
            }
            return true
        }
        return found
    }

    /// Most configurations of one file that are looked at.
    private static let mostPlaces = 256

    private static func source(_ path: String, value: (String) -> PickleValue?) -> ConfigurationSource {
        let names = ConfigurationKey.allCases.map(\.rawValue) + ["transformers_version"]
        let members = names.compactMap { name in
            value(name).map { JSONMember(key: name, value: json($0)) }
        }
        return ConfigurationSource(
            path: path, origin: .pickledObject(path: path), members: members,
            maskRatioArithmetic: value(ConfigurationKey.maskRatio.rawValue).map(MaskRatioArithmetic.init) ?? .double)
    }

    /// The value as JSON would hold it; what JSON has no word for becomes its description, which no field takes.
    static func json(_ value: PickleValue) -> JSONValue {
        switch value {
        case .none: .null
        case .bool(let value): .bool(value)
        case .int(let value): .integer(Int(value))
        case .float(let value): .number(value)
        case .string(let text): .string(text)
        case .list(let elements), .tuple(let elements):
            // Sizes are pairs of integers; anything longer is no field of ours.
            .array(elements.prefix(3).map { $0.number.map(JSONValue.init) ?? .string($0.kind) })
        case .size(let extents): .array(extents.prefix(3).map(JSONValue.integer))
        default: value.number.map(JSONValue.init) ?? .string(value.kind)
        }
    }
}

extension MaskRatioArithmetic {
    /// The arithmetic of a number as Python has it.
    init(_ value: PickleValue) {
        self =
            switch value.numberType {
            case nil: .double
            case .tensor(.float32), .numpy(.float32): .single
            case .tensor(.float16): .half
            case .tensor(.bfloat16): .bfloat16
            case .numpy(.float16): .numpyHalf
            case .tensor, .numpy: .double
            }
    }
}

extension JSONValue {
    /// A number of Python's as JSON has it.
    init(_ number: PickleNumber) {
        self =
            switch number {
            case .bool(let value): .bool(value)
            case .int(let value): .integer(value)
            case .float(let value): .number(value)
            }
    }
}

extension [PickledConfiguration.Place] {
    /// The configuration that is stored closest to the model at `way`; the first of equally close ones.
    func nearest(to way: [String]) -> PickledConfiguration.Place? {
        self.min { $0.way.isNearer(than: $1.way, to: way) }
    }

    /// A finding when others, which are as close, say something else.
    func finding(near way: [String], path: String) -> CheckpointFinding? {
        guard let taken = nearest(to: way) else { return nil }
        let rivals = filter { other in
            !taken.way.isNearer(than: other.way, to: way) && other.source.members != taken.source.members
        }
        guard !rivals.isEmpty else { return nil }
        return CheckpointFinding(
            .contradictoryConfiguration, .warning, at: CheckpointLocation(path: path),
            "the file holds several configurations, which differ. `\(taken.name)` was taken, and not "
                + "\(ParameterBinding.list(rivals.map { "`\($0.name)`" })). Name the right one with "
                + "--config.")
    }
}

extension [String] {
    /// Whether this way ends closer to the model at `model` than another: with it in more containers, then not that of a
    /// copy, then less deep.
    func isNearer(than other: [String], to model: [String]) -> Bool {
        func rank(_ way: [String]) -> (Int, Int, Int) {
            let common = zip(way, model).prefix { $0 == $1 }.count
            let isStrange = ModelCandidate.isCopy(way) && !ModelCandidate.isCopy(model)
            return (-common, isStrange ? 1 : 0, way.count)
        }
        return rank(self) < rank(other)
    }
}
