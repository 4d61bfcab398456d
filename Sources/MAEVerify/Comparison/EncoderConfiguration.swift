import MAEDomain

/// The configuration values that the encoder's output depends on.
enum EncoderConfiguration {
    /// Their names; everything else (the decoder's, version stamps) cannot change a layernorm output.
    static let names: Set<String> = [
        "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
        "layer_norm_eps", "image_size", "patch_size", "num_channels", "qkv_bias",
    ]

    /// Fields that both sides state with different values, and that the output depends on or not, as asked.
    static func differences(
        _ left: [ConfigurationField], _ right: [ConfigurationField], affectingOutput: Bool
    ) -> [(left: ConfigurationField, right: ConfigurationField)] {
        let others = Dictionary(right.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return left.compactMap { field in
            guard field.name != "mask_ratio", names.contains(field.name) == affectingOutput,
                let other = others[field.name], !sameValue(field.value, other.value)
            else { return nil }
            return (field, other)
        }
    }

    /// Whether two JSON texts mean the same value: `1e-12` and `1E-12` do.
    private static func sameValue(_ left: String, _ right: String) -> Bool {
        left == right || key(left) == key(right)
    }

    /// One text for all JSON texts that mean the same value.
    static func key(_ value: String) -> String {
        // Adding 0 takes the sign off a zero.
        Double(value).map { "\($0 + 0)" } ?? value
    }
}
