import MAEText

/// Lines of Python that take away a cause, for the person's own program.
package enum PythonRemedy {
    /// One noise for every forward call.
    package static func sharedNoise(images: Int, patches: Int?) -> String {
        let count = patches.map(String.init) ?? "model.vit.embeddings.num_patches"
        return
            "noise = torch.rand(\(images), \(count))  # once; then model(pixels, noise=noise) in every call of the ViTMAEForPreTraining itself"
    }

    /// One mask ratio for a model that is loaded.
    package static func maskRatio(_ ratio: Double?) -> String {
        "model.config.mask_ratio = \(ratio.map(number) ?? "0.75")"
            + "  # after loading each, for the ViTMAEForPreTraining itself"
    }

    /// Tokens in the order of the patches.
    package static let unshuffled =
        "out = torch.cat([out[:, :1], out[:, 1:].gather(1, ids_restore[..., None].expand(-1, -1, out.shape[2]))], 1)"

    /// Loading the file that was meant.
    package static func load(_ path: String) -> String {
        "model = torch.load(\(quoted(path)), weights_only=False)"
    }

    /// A float of Python, with as many digits as it needs: one less may keep another patch, and transformers 5 refuses an
    /// integer.
    package static func number(_ value: Double) -> String {
        let short = NumberText.short(value)
        let exact = Double(short) == value ? short : "\(value)"
        return exact.contains { ".e".contains($0) } ? exact : exact + ".0"
    }

    /// A Python string.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
