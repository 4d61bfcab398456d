/// Which versions of transformers read weights of a dialect whole.
///
/// Measured with transformers 4.57.6 and 5.23.0 on PyTorch 2.13.
public struct ReaderCompatibility: Sendable, Hashable {
    /// A version that cannot be used with a file, and what happens when it is.
    struct Limit {
        let message: String
        /// Whether that version goes on with wrong weights instead of failing.
        let isSilent: Bool
    }

    /// The names in the file.
    let dialect: ParameterDialect
    /// The method by which it is loaded.
    let method: LoadingChoice

    /// The versions that read the file whole, in words.
    public var summary: String {
        switch (method, dialect) {
        case (_, .original): "facebookresearch/mae; no version of transformers"
        case (.pretrained, .transformers4): "transformers 4.57 and 5.23"
        case (_, .transformers4): "transformers 4.x"
        case (_, .transformers5Disk), (_, .transformers5Memory): "transformers 5.x"
        }
    }

    var limit: Limit? {
        switch (method, dialect) {
        case (.pretrained, .transformers4): nil
        case (.pretrained, .transformers5Disk), (.pretrained, .transformers5Memory):
            Limit(
                message: "written with the names of transformers 5.x: version 4.57 leaves decoder keys unmatched and "
                    + "draws these weights anew, with no more than a warning. `checkpoint convert --to hub` writes names "
                    + "that both versions read.",
                isSilent: true)
        case (.full, .transformers4):
            Limit(
                message: "pickled by transformers 4.x, whose classes 5.x no longer has: only 4.x opens it.",
                isSilent: false)
        case (.full, _):
            Limit(
                message: "pickled by transformers 5.x, whose classes 4.x does not have: only 5.x opens it.",
                isSilent: false)
        case (_, .transformers4):
            Limit(
                message: "has the names of transformers 4.x: load_state_dict of 5.x refuses them.", isSilent: false)
        case (_, .original):
            Limit(
                message: "has the names of facebookresearch/mae: load_state_dict of transformers refuses them.",
                isSilent: false)
        case (_, _):
            Limit(
                message: "has the names of transformers 5.x: load_state_dict of 4.x refuses them.", isSilent: false)
        }
    }
}

extension ModelCheckpoint {
    /// The programs that read it whole, in words; nil when its names are those of several.
    public var readers: String? {
        format.dialect.map { ReaderCompatibility(dialect: $0, method: method).summary }
    }
}
