import MAEFormats

extension RawCheckpoint.Unread {
    /// Nil for a value that is no tensor in any form: a number, text, a container.
    init?(key: String, value: PickleValue) {
        guard case .object = value else { return nil }
        self.init(key: key, form: Self.form(of: value))
    }

    /// How deep parameters and subclasses are looked through for what rebuilds their elements.
    private static let maximumDepth = 4
    /// Most arguments of a call that are searched for an element type.
    private static let maximumArgumentCount = 16

    /// The call that makes the tensor, and in brackets what it is made of: a storage, a dtype, a subclass of Tensor.
    private static func form(of value: PickleValue) -> String {
        var value = value
        for _ in 0..<maximumDepth {
            guard value.object?.className?.hasPrefix("torch._utils._rebuild_parameter") == true,
                let inner = value.object?.arguments.sequence?.first, case .object = inner
            else { break }
            value = inner
        }
        guard let arguments = value.object?.arguments.sequence else { return value.kind }
        let details = arguments.prefix(maximumArgumentCount).compactMap { argument -> String? in
            switch argument {
            case .dtype(let name): name
            case .global(let type): type.name.hasPrefix("_") ? nil : type.qualifiedName
            case .object(let object): object.className.flatMap { $0.hasSuffix("Storage") ? $0 : nil }
            default: nil
            }
        }
        return value.kind + (details.isEmpty ? "" : " (\(details.joined(separator: ", ")))")
    }

    /// What a person can do to get it stored as plain elements.
    var remedy: String {
        let words = form.lowercased()
        return Self.remedies.first { words.contains($0.mark) }?.remedy
            ?? "Load it with the PyTorch that wrote it and save tensors that are dense, on the CPU and of a float dtype."
    }

    private static let remedies = [
        ("sparse", "Save dense tensors: {name: tensor.to_dense()}."),
        ("qtensor", "Save the model as it was before quantization, or {name: tensor.dequantize()}."),
        ("meta", "It has no elements: it was saved from the meta device. Save the model after its weights are loaded."),
        (
            "shardedtensor",
            "Save whole tensors, on all ranks together, inside FSDP.state_dict_type(model, StateDictType.FULL_STATE_DICT)."
        ),
        (
            "dtensor",
            "Save whole tensors, on all ranks together: {name: tensor.full_tensor() if hasattr(tensor, 'full_tensor') else "
                + "tensor}."
        ),
        (
            "numpy",
            "It was saved on a device whose tensors PyTorch keeps as arrays of numpy (XLA, HPU, DirectML). If you trust it, "
                + "load it with torch.load(path, map_location='cpu', weights_only=False) and save what that gives."
        ),
        ("complex", "A ViT-MAE has no imaginary parts. If they are all zero, save {name: tensor.real.clone()}."),
        ("float8", "Save another dtype: {name: tensor.float()}."),
        ("storage", "Save another dtype: {name: tensor.float()}."),
    ].map { (mark: $0.0, remedy: $0.1) }
}
