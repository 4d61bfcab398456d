import MAEFormats
import MAETensor

/// The values of one outermost call, with the references among them followed.
struct RecordedValues {
    /// What stands where a value is: its description, or the place of the one that describes it.
    private enum Entry {
        case described(Recording.Value)
        case reference(name: String, Place)
    }

    /// A place in a call: the call of a module, whether among what it returned, and the place there.
    private struct Place {
        let moduleCall: Int
        let isOutput: Bool
        let index: Int
    }

    private struct Draft {
        let module: Int
        let call: Int
        let parent: Int?
        let inputs: [Entry]
        let outputs: [Entry]
        let error: String?
    }

    private let drafts: [Draft]
    private let tensors: [String: CheckpointTensor]

    /// Reads the calls of modules in `call`; nothing is followed yet, for a value may refer to a later one.
    init(_ call: JSONValue, modules: Int, _ tensors: [String: CheckpointTensor]) throws(RecordingProblem) {
        self.tensors = tensors
        drafts = try call.list("modules", most: RecordingLimits.modules) { value, index throws(RecordingProblem) in
            guard modules > 0 else { throw RecordingProblem("is a call, but its model has no module.", at: "module") }
            let module = try value.whole("module", in: 0...modules - 1)
            let parent = try value.whole("parent", in: -1...index - 1)
            guard (parent < 0) == (index == 0) else {
                throw RecordingProblem(
                    index == 0 ? "is \(parent) for the first call." : "is none, but only the first call has none.",
                    at: "parent")
            }
            return Draft(
                module: module,
                call: value.field("call") == nil ? 0 : try value.whole("call", in: 0...RecordingLimits.modules),
                parent: parent < 0 ? nil : parent,
                inputs: try Self.entries(value, "inputs", tensors),
                outputs: try Self.entries(value, "outputs", tensors), error: try value.textIfAny("error"))
        }
    }

    private static func entries(
        _ value: JSONValue, _ key: String, _ tensors: [String: CheckpointTensor]
    ) throws(RecordingProblem) -> [Entry] {
        try value.list(key, most: RecordingLimits.valuesOfCall) { value, place throws(RecordingProblem) in
            try entry(value, tensors, name: "\(place)")
        }
    }

    private static func entry(
        _ value: JSONValue, _ tensors: [String: CheckpointTensor], name: String
    ) throws(RecordingProblem) -> Entry {
        guard let reference = value.field("same_as") else {
            return .described(try Recording.Value(value, tensors, name: name))
        }
        let name = try value.textIfAny("name") ?? name
        return try within("same_as") { () throws(RecordingProblem) in
            let parts = try reference.asList(most: 3)
            guard parts.count == 3, let list = parts[1].string, list == "inputs" || list == "outputs" else {
                throw RecordingProblem("is no [call, \"inputs\" or \"outputs\", place].")
            }
            return .reference(
                name: name,
                Place(
                    moduleCall: try parts[0].asInt(0...RecordingLimits.modules), isOutput: list == "outputs",
                    index: try parts[2].asInt(0...RecordingLimits.valuesOfCall)))
        }
    }

    /// The calls of modules, each value described.
    func moduleCalls() throws(RecordingProblem) -> [Recording.ModuleCall] {
        try within("modules") { () throws(RecordingProblem) in
            var calls: [Recording.ModuleCall] = []
            calls.reserveCapacity(drafts.count)
            for (index, draft) in drafts.enumerated() {
                calls.append(
                    try within("[\(index)]") { () throws(RecordingProblem) in
                        Recording.ModuleCall(
                            module: draft.module, call: draft.call, parent: draft.parent,
                            inputs: try followed(draft.inputs, "inputs"),
                            outputs: try followed(draft.outputs, "outputs"), error: draft.error)
                    })
            }
            return calls
        }
    }

    /// A value that stands in a field of its own; nil when it is left out.
    func value(_ owner: JSONValue, _ key: String) throws(RecordingProblem) -> Recording.Value? {
        guard let value = owner.field(key) else { return nil }
        return try within(key) { () throws(RecordingProblem) in try followed(Self.entry(value, tensors, name: key)) }
    }

    private func followed(_ entries: [Entry], _ key: String) throws(RecordingProblem) -> [Recording.Value] {
        var values: [Recording.Value] = []
        values.reserveCapacity(entries.count)
        for (index, entry) in entries.enumerated() {
            values.append(try within("\(key)[\(index)]") { () throws(RecordingProblem) in try followed(entry) })
        }
        return values
    }

    private func followed(_ entry: Entry) throws(RecordingProblem) -> Recording.Value {
        var entry = entry
        var name: String?
        for _ in 0...RecordingLimits.references {
            switch entry {
            case .described(var value):
                value.name = name ?? value.name
                return value
            case .reference(let own, let place):
                name = name ?? own
                let list =
                    drafts.indices.contains(place.moduleCall)
                    ? place.isOutput ? drafts[place.moduleCall].outputs : drafts[place.moduleCall].inputs : []
                guard list.indices.contains(place.index) else {
                    throw RecordingProblem("names a value that is not there.", at: "same_as")
                }
                entry = list[place.index]
            }
        }
        throw RecordingProblem("leads from reference to reference, and to no value.", at: "same_as")
    }
}

extension Recording.Value {
    init(
        _ value: JSONValue, _ tensors: [String: CheckpointTensor], name: String
    ) throws(RecordingProblem) {
        self.name = try value.textIfAny("name") ?? name
        shape = try value.shape("shape")
        dtype = try value.text("dtype")
        device = try value.textIfAny("device")
        sha256 = try value.digestIfAny("sha256")
        rowsSHA256 = try value.digestIfAny("rows_sha256")
        largest = try value.numberIfAny("largest")
        nanCount = try value.count("nan")
        infiniteCount = try value.count("infinite")
        let elements = Tensor.checkedElementCount(of: shape) ?? 0
        for (key, count) in [("nan", nanCount), ("infinite", infiniteCount)] where count > elements {
            throw RecordingProblem("is \(count), and there are \(elements) elements.", at: key)
        }
        tensor = try value.textIfAny("tensor")
        if let tensor {
            guard let kept = tensors[tensor] else {
                throw RecordingProblem("is `\(tensor)`, which is not in the file.", at: "tensor")
            }
            guard kept.shape == shape else {
                throw RecordingProblem("is `\(tensor)` of shape \(kept.shape), not \(shape).", at: "tensor")
            }
        }
    }
}
