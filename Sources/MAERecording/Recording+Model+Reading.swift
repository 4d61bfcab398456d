import MAEFormats

extension Recording.Model {
    init(_ value: JSONValue) throws(RecordingProblem) {
        className = try value.text("class")
        isTraining = try value.flagIfAny("training") ?? false
        configurations = try value.list("configs", most: RecordingLimits.models) { value, _ throws(RecordingProblem) in
            Recording.Configuration(
                path: try value.textIfAny("path") ?? "",
                values: try value.object("values", most: RecordingLimits.settings))
        }
        attention = try value.textIfAny("attention")
        isCompiled = try value.flagIfAny("compiled") ?? false
        modules = try value.list("modules", most: RecordingLimits.modules) { value, _ throws(RecordingProblem) in
            try Recording.Module(value)
        }
        var names: Set<String> = []
        weights = try value.list("weights", most: RecordingLimits.weights) { value, _ throws(RecordingProblem) in
            let weight = try Recording.Weight(value)
            guard names.insert(weight.name).inserted else {
                throw RecordingProblem("is `\(weight.name)` once more.", at: "name")
            }
            return weight
        }
    }
}

extension Recording.Module {
    init(_ value: JSONValue) throws(RecordingProblem) {
        path = try value.textIfAny("path") ?? ""
        className = try value.textIfAny("class") ?? ""
        isTraining = try value.flagIfAny("training") ?? false
        // A role that a later recorder added is none that is known here.
        role = try value.textIfAny("role").flatMap(Recording.Role.init(rawValue:))
        index = value.field("index") == nil ? nil : try value.whole("index", in: 0...RecordingLimits.modules)
        settings = try value.object("settings", most: RecordingLimits.settings)
    }
}

extension Recording.Weight {
    init(_ value: JSONValue) throws(RecordingProblem) {
        name = try value.text("name")
        shape = try value.shape("shape")
        dtype = try value.text("dtype")
        sha256 = try value.digestIfAny("sha256")
    }
}
